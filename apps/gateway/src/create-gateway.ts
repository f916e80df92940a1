import type { GatewayLimits, GatewayParts } from './gateway-parts.js';
import { allowOrigins } from './http/allow-origins.js';
import { answerErrors } from './http/answer-errors.js';
import { createApp, type GatewayApp } from './http/app.js';
import { createCallerBudgets } from './http/caller-budgets.js';
import { describeApi } from './http/describe-api.js';
import { guardRequests } from './http/guard-requests.js';
import { serveConsole } from './http/serve-console.js';
import { addCancelCommand } from './routes/cancel-command.js';
import { addChangeSettings } from './routes/change-settings.js';
import { addDeviceTypes } from './routes/device-types.js';
import { addEvents } from './routes/events.js';
import { addGetCommand } from './routes/get-command.js';
import { addGetDeadLetter } from './routes/get-dead-letter.js';
import { addGetDevice } from './routes/get-device.js';
import { addGetSettings } from './routes/get-settings.js';
import { addHealth } from './routes/health.js';
import { addListCommands } from './routes/list-commands.js';
import { addListDeadLetters } from './routes/list-dead-letters.js';
import { addListDevices } from './routes/list-devices.js';
import { addOriginalApi, addOriginalHealth } from './routes/original-api.js';
import { addOverview } from './routes/overview.js';
import { addPushBatch } from './routes/push-batch.js';
import { addPushCommand } from './routes/push-command.js';
import { addRedriveDeadLetter } from './routes/redrive-dead-letter.js';
import { addValidateCommand } from './routes/validate-command.js';

/** Creates the HTTP side of the gateway: each route calls one of the parts. */
export function createGateway(parts: GatewayParts, limits: GatewayLimits): GatewayApp {
  const app = createApp(limits);
  answerErrors(app, parts.logger);
  allowOrigins(app, limits.origins);
  addHealth(app, parts);
  addOriginalHealth(app);
  serveConsole(app, parts.console);
  describeApi(app, parts);
  app.register(async (api: GatewayApp) => {
    const budgets = createCallerBudgets(limits);
    guardRequests(api, parts, budgets);
    addPushCommand(api, parts, limits);
    addValidateCommand(api, parts);
    api.register(async (batch: GatewayApp) => addPushBatch(batch, parts, limits));
    addGetCommand(api, parts);
    addListCommands(api, parts);
    addCancelCommand(api, parts, limits);
    addEvents(api, parts);
    addOverview(api, parts);
    addListDevices(api, parts);
    addGetDevice(api, parts);
    addGetSettings(api, parts);
    addChangeSettings(api, parts, limits);
    addDeviceTypes(api, parts);
    addListDeadLetters(api, parts);
    addGetDeadLetter(api, parts);
    addRedriveDeadLetter(api, parts);
    api.register(async (original: GatewayApp) => addOriginalApi(original, parts, { ...limits, budgets }));
  });
  return app;
}
