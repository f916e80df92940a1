#!/usr/bin/env node
import { requireNode } from '@preservarium/command-line/require-node';

requireNode('pusher');
await import('./main.js');
