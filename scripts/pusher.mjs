// The CLI as run from any folder of the repository: npm runs scripts at its root, while a file given as an argument is
// relative to the folder of the caller.
process.chdir(process.env.INIT_CWD ?? process.cwd());
await import('../apps/cli/dist/main.js');
