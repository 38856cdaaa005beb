import type { HostTensor } from '../../base/tensor.js';
import type { LayerWeights, WeightLayout } from '../keras/weights.js';
import { transposed } from '../keras/weights.js';
import type { Offer, WeightFile } from './offers.js';

/** What torchvision and timm call the parameters of a layer. */
const TORCH_ROLES: Readonly<Record<string, string>> = {
  kernel: 'weight',
  bias: 'bias',
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

/** What tensors under the names of parameters offer, as ageband stores them. */
export function ownOffers(tensors: ReadonlyMap<string, HostTensor>, layers: readonly LayerWeights[]): WeightFile {
  const offers = offersBy(tensors, layers, ({ name }) => name);
  return { origin: 'ageband', offers, kernels: kernelsOf(tensors), notes: [], hint: 'Take the model that the file was written for.' };
}

/**
 * What the tensors of a PyTorch module offer: `layer1.0.conv1.weight` is the kernel of the layer `layer1_0_conv1`. Kernels of
 * dense layers are [O, I] there.
 */
export function torchOffers(stored: ReadonlyMap<string, HostTensor>, layers: readonly LayerWeights[]): WeightFile {
  const tensors = withoutWrappers(stored);
  const byOwnName = new Map([...tensors.keys()].map((name) => [ownName(name), name]));
  const offers = offersBy(tensors, layers, ({ name }) => {
    const [layer, role] = name.split('.') as [string, string];
    return byOwnName.get(`${layer}.${TORCH_ROLES[role]!}`);
  });
  const hint = 'Files of vgg16 and resnet50 of torchvision and timm fit the models vgg16-torch and resnet-50-torch.';
  return { origin: 'torchvision or timm', offers, kernels: kernelsOf(tensors), notes: [], hint };
}

/** What stands before all names when a module was wrapped: by DataParallel, and by torch.compile. */
const WRAPPERS = ['module.', '_orig_mod.'];

function withoutWrappers(tensors: ReadonlyMap<string, HostTensor>): ReadonlyMap<string, HostTensor> {
  const wrapper = WRAPPERS.find((prefix) => tensors.size > 0 && [...tensors.keys()].every((name) => name.startsWith(prefix)));
  if (wrapper === undefined) return tensors;
  return withoutWrappers(new Map([...tensors].map(([name, tensor]) => [name.slice(wrapper.length), tensor])));
}

/** `layer1.0.conv1.weight` as `layer1_0_conv1.weight`: only the last dot remains. */
function ownName(name: string): string {
  const end = name.lastIndexOf('.');
  return `${name.slice(0, Math.max(0, end)).replaceAll('.', '_')}${name.slice(end)}`;
}

function offersBy(
  tensors: ReadonlyMap<string, HostTensor>,
  layers: readonly LayerWeights[],
  nameOf: (layout: WeightLayout) => string | undefined,
): Map<string, Offer> {
  const offers = new Map<string, Offer>();
  for (const layout of layers.flatMap(({ weights }) => weights)) {
    const source = nameOf(layout);
    const tensor = source === undefined ? undefined : tensors.get(source);
    if (tensor?.type !== 'float32') continue;
    const isTurned = source !== layout.name && layout.shape.length === 2;
    offers.set(layout.name, {
      ...{ source: source!, shape: tensor.shape },
      needed: isTurned ? layout.shape.toReversed() : layout.shape,
      read: () => (isTurned ? transposed(tensor.data as Float32Array, tensor.shape, [1, 0]) : (tensor.data as Float32Array)),
    });
  }
  return offers;
}

function kernelsOf(tensors: ReadonlyMap<string, HostTensor>): string[] {
  return [...tensors].filter(([, { shape }]) => shape.length === 4).map(([name]) => name);
}
