import { mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from '../workspace.mjs';
import { addonFolder } from './build-addon.mjs';
import { npmVariables } from './registry.mjs';

const mostBytes = 60e6;

/**
 * Throws where the rdkafka backend cannot be installed without a compiler, takes too much space, or does not push to a real Kafka;
 * and where it does not say how to compile its client when the compiled one is not there.
 */
export async function checkAddon({ folder, registry, brokers }) {
  const addon = addonFolder();
  if (addon === undefined) return console.log('no compiled package for this platform');
  await mkdir(folder);
  const env = {
    ...(await npmVariables(folder, registry)),
    PATH: await makePath(join(folder, 'path'), 'node', 'npm'),
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  await writeFile(join(folder, 'push.js'), program);
  const startedAtMs = performance.now();
  await run('npm', ['install', '@preservarium/backend-rdkafka', '@preservarium/publisher'], {
    cwd: folder,
    env,
  });
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  const bytes = Number.parseInt(await run('du', ['-sb', 'node_modules'], { cwd: folder }), 10);
  if (bytes > mostBytes)
    throw new Error(`the rdkafka backend takes ${bytes} bytes, allowed are ${mostBytes}`);
  const pushed = await run('node', ['push.js', brokers], { cwd: folder, env });
  console.log(
    `installed without a compiler in ${seconds} s, ${(bytes / 1e6).toFixed(1)} MB: ${pushed.trim()}`,
  );

  await rm(join(folder, 'node_modules/@preservarium', basename(addon)), { recursive: true });
  const refusal = await run('node', ['push.js', brokers], { cwd: folder, env }).catch(
    ({ message }) => message,
  );
  if (!['CLIENT_NOT_INSTALLED', 'npm install node-rdkafka@'].every((text) => refusal.includes(text)))
    throw new Error(
      `without a compiled client, the backend must say how to compile one, and printed ${refusal}`,
    );
}

/** Makes a folder with these programs and no others, such as compilers. */
async function makePath(folder, ...programs) {
  await mkdir(folder);
  for (const name of programs) {
    const found = (await run('sh', ['-c', `command -v ${name}`])).trim();
    await symlink(await realpath(found), join(folder, name));
  }
  return folder;
}

const program = `
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { createPusherService } from '@preservarium/publisher';

const backend = createRdkafkaBackend({ brokers: process.argv[2].split(','), receipts: 'offsets' });
await backend.createTopic({ topic: 'addon', partitions: 1 });
const service = createPusherService({ backend, commandTopic: 'addon' });
const { topic, offset } = await service.pushCommand({ deviceId: 'device-1', commandType: 'set_led', protocol: 'mqtt', topic: 'devices/device-1' });
console.log(\`pushed to \${topic}, offset \${offset}; codecs \${backend.supports.codecs.join(', ')}\`);
await service.close();
`;
