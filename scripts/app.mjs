// A program of apps/ as run from any folder of the repository: npm runs scripts at its root, while a file given as an
// argument, and .env, are relative to the folder of the caller.
//
//   node scripts/app.mjs <name> [argument...]
const [name] = process.argv.splice(2, 1);
process.chdir(process.env.INIT_CWD ?? process.cwd());
await import(`../apps/${name}/dist/main.js`);
