#!/usr/bin/env node
import { requireNode } from '@preservarium/command-line/require-node';

requireNode('device-simulator');
await import('./main.js');
