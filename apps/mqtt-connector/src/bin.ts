#!/usr/bin/env node
import { requireNode } from '@preservarium/command-line/require-node';

requireNode('mqtt-connector');
await import('./main.js');
