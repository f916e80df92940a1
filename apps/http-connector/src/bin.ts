#!/usr/bin/env node
import { requireNode } from '@preservarium/command-line/require-node';

requireNode('http-connector');
await import('./main.js');
