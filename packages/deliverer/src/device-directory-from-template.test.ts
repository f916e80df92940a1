import { ConfigurationError, ValidationError } from '@preservarium/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { directoryFromTemplate } from './index.js';

test.each([
  ['coap://{deviceId}.devices.example', 'pump-7', 'coap://pump-7.devices.example'],
  ['coaps://d-{deviceId}.x.example:5684/{deviceId}', '7', 'coaps://d-7.x.example:5684/7'],
  ['coap://[fe80::1%25eth0]:61616/{deviceId}', '7', 'coap://[fe80::1%25eth0]:61616/7'],
  ['https://gateway.example/devices/{deviceId}', '7', 'https://gateway.example/devices/7'],
  ['http://[2001:db8::1]:8080/{deviceId}/in', '7', 'http://[2001:db8::1]:8080/7/in'],
  ['http://localhost/{deviceId}', 'ü/?#%', 'http://localhost/%C3%BC%2F%3F%23%25'],
])('%s with the device %s is %s', (template, deviceId, address) => {
  expect(directoryFromTemplate(template)(deviceId)).toBe(address);
});

test('an id in a path changes nothing but its own place', () => {
  const directory = directoryFromTemplate('https://gateway.example:8443/devices/{deviceId}/commands');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (deviceId) => {
      fc.pre(deviceId !== '.' && deviceId !== '..');
      const url = new URL(String(directory(deviceId)));
      expect(url.origin).toBe('https://gateway.example:8443');
      expect(url.pathname.split('/').map(decodeURIComponent)).toEqual(['', 'devices', deviceId, 'commands']);
      expect(url.search + url.hash + url.username).toBe('');
    }),
  );
});

test('an id in a host is one label of it, or refused', () => {
  const directory = directoryFromTemplate('coap://{deviceId}.devices.example/in');
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'a7-._:@/#%[') })), (deviceId) => {
      let address: unknown;
      try {
        address = directory(deviceId);
      } catch (error) {
        expect(error).toBeInstanceOf(ValidationError);
        return;
      }
      expect(deviceId).not.toMatch(/[^a-z\d-]/i);
      expect(new URL(String(address)).host).toBe(`${deviceId}.devices.example`);
    }),
  );
});

describe('refuses the device', () => {
  test.each([
    ['coap://{deviceId}.devices.example', ''],
    ['coap://{deviceId}.devices.example', 'a.b'],
    ['coap://{deviceId}.devices.example', '-a'],
    ['coap://{deviceId}.devices.example', 'a'.repeat(64)],
    ['coap://device-{deviceId}.devices.example', 'a'.repeat(63)],
    ['https://gateway.example/{deviceId}', ''],
    ['https://gateway.example/{deviceId}', '..'],
    ['https://gateway.example/.{deviceId}', '.'],
    ['https://gateway.example/{deviceId}', '\ud800'],
  ])('%s: "%s"', (template, deviceId) => {
    expect(() => directoryFromTemplate(template)(deviceId)).toThrow(ValidationError);
  });
});

describe('refuses the template', () => {
  test.each([
    ['https://gateway.example', 'has no {deviceId}'],
    ['https://gateway.example/{device_id}', 'has no {deviceId}'],
    ['https://gateway.example/{deviceId}/{type}', 'has braces that are not {deviceId}'],
    ['{deviceId}', 'is not scheme://host'],
    ['{deviceId}://gateway.example', 'is not scheme://host'],
    ['https://gateway.example:{deviceId}', 'is not scheme://host'],
    ['https://{deviceId}@gateway.example', 'is not scheme://host'],
    ['https://{deviceId}', 'could be given any host'],
    ['https://192.168.1.{deviceId}:80/in', 'could be given any host'],
    ['https://gateway.example/in?device={deviceId}', 'has a query or a fragment'],
  ])('%s', (template, problem) => {
    expect(() => directoryFromTemplate(template)).toThrow(ConfigurationError);
    expect(() => directoryFromTemplate(template)).toThrow(problem);
  });
});
