import { runFeed } from './run-feed.js';

await runFeed();
