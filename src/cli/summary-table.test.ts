import { expect, it } from 'vitest';
import { summaryTable } from './summary-table.js';

it('prints the table in the form of Keras, with channels last', () => {
  const table = summaryTable({
    name: 'tiny',
    rows: [
      { name: 'conv2d', kind: 'Conv2D', outputShape: [null, 96, 221, 222], parameters: 14208 },
      { name: 'a_layer_with_a_very_long_name', kind: 'Flatten', outputShape: [null, 98304], parameters: 0 },
    ],
    parameters: 51_980_936,
    trainable: 51_980_232,
    nonTrainable: 704,
  });
  expect(table.split('\n')).toEqual([
    'Model: "tiny"',
    '_'.repeat(76),
    ' Layer (type)                             Output Shape             Param #',
    '='.repeat(76),
    ' conv2d (Conv2D)                          (None, 221, 222, 96)     14,208',
    ' a_layer_with_a_very_long_name (Flatten)  (None, 98304)            0',
    '='.repeat(76),
    'Total params: 51,980,936 (198.29 MB)',
    'Trainable params: 51,980,232 (198.29 MB)',
    'Non-trainable params: 704 (2.75 KB)',
    '_'.repeat(76),
  ]);
});
