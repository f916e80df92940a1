import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    main: 'src/main.ts',
    // Programs that main starts.
    'answering-devices-program': 'src/two-way/answering-devices-program.ts',
    'devices-program': 'src/delivery/devices-program.ts',
    'bare-program': 'src/gateway/bare-program.ts',
    'cost-program': 'src/cost/cost-program.ts',
    'contestant-program': 'src/delivery/contestants/contestant-program.ts',
    'conflicts-program': 'src/settings/conflicts-program.ts',
    'settings-start-program': 'src/settings/start-program.ts',
    'sleeping-connector-program': 'src/sleeping/connector-program.ts',
    'service-program': 'src/pressure/service-program.ts',
    'way-program': 'src/push/ways/way-program.ts',
  },
  format: ['esm'],
  clean: true,
});
