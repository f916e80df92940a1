/**
 * Says where a device is: its base address, such as `https://gateway.example/devices/7` or `coap://192.0.2.7:5683`, or
 * undefined for a device that it does not know. A `ValidationError` says that the device can have no address: its
 * commands are rejected, as are those of a device that is not known. Any other error, and an answer that does not come in time, says
 * that the directory cannot answer now: the device counts as unreachable, and its commands wait.
 */
export type DeviceDirectory = (deviceId: string) => string | undefined | Promise<string | undefined>;
