#!/usr/bin/env node
import { requireNode } from '@preservarium/command-line/require-node';

requireNode('gateway');
await import('./main.js');
