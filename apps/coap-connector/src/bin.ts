#!/usr/bin/env node
import { requireNode } from '@preservarium/command-line/require-node';

requireNode('coap-connector');
await import('./main.js');
