import { expect, test } from 'vitest';
import { readDevicePath } from './device-path.js';

test.each([
  ['/lamp-7/led/1?fast=yes', { deviceId: 'lamp-7', path: '/led/1' }],
  ['/lamp-7', { deviceId: 'lamp-7', path: '/' }],
  ['/lamp-7?fast=yes', { deviceId: 'lamp-7', path: '/' }],
  ['/lamp%2F7/led', { deviceId: 'lamp/7', path: '/led' }],
  ['/', { deviceId: '', path: '/' }],
  ['/%E0%A4/led', undefined],
])('%s', (path, expected) => {
  expect(readDevicePath(path)).toEqual(expected);
});
