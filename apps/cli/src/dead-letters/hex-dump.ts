const bytesPerLine = 16;

/** Formats bytes as `hexdump -C` does: offset, hexadecimal, ASCII. */
export function hexDump(bytes: Uint8Array, maxBytes: number): string[] {
  const lines: string[] = [];
  const shown = bytes.subarray(0, maxBytes);
  for (let start = 0; start < shown.length; start += bytesPerLine) {
    const line = [...shown.subarray(start, start + bytesPerLine)];
    const hex = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = line
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
      .join('');
    lines.push(`${start.toString(16).padStart(8, '0')}  ${hex.padEnd(3 * bytesPerLine - 1)}  |${ascii}|`);
  }
  if (bytes.length > maxBytes) lines.push(`${bytes.length - maxBytes} more bytes`);
  return lines;
}
