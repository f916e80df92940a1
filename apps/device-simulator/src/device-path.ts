/**
 * The device that a path names with its first segment, and the path on the device: `/lamp-7/led` is `/led` of `lamp-7`.
 * Percent-encoding that is broken names no device.
 */
export function readDevicePath(
  path: string,
): { readonly deviceId: string; readonly path: string } | undefined {
  const [, segment = '', rest = ''] = /^\/([^/?]*)([^?]*)/.exec(path) ?? [];
  try {
    return { deviceId: decodeURIComponent(segment), path: rest || '/' };
  } catch {
    return undefined;
  }
}
