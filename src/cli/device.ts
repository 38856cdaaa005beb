import type { Device, DeviceChoice } from '../runtime/device.js';

/** What `--device` means, as an option to hand on; tells on the terminal what `auto` has come to. */
export async function givenDevice(choice: DeviceChoice | undefined): Promise<{ device?: Device }> {
  if (choice === undefined) return {};
  if (choice !== 'auto') return { device: choice };
  const { chooseDevice } = await import('../runtime/choose-device.node.js');
  const device = await chooseDevice(choice);
  console.error(`Computed on ${device}`);
  return { device };
}
