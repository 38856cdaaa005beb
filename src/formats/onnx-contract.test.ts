import { expect, it } from 'vitest';
import { calibrationMetadata, contractMetadata, readCalibrationMetadata, readContract } from './onnx-contract.js';

const contract = { classes: ['0-2', '60+'], imageSize: 48 };
const changed = (change: Record<string, string>) => new Map(Object.entries({ ...contractMetadata(contract), ...change }));

it('reads back what it wrote', () => {
  expect(readContract(changed({}))).toEqual(contract);
});

it('gives nothing where a value is missing or makes no sense', () => {
  expect(readContract(new Map())).toBeUndefined();
  expect(readContract(changed({ 'ageband.classes': '["a"' }))).toBeUndefined();
  expect(readContract(changed({ 'ageband.classes': '["a"]' }))).toBeUndefined();
  expect(readContract(changed({ 'ageband.image_size': '0' }))).toBeUndefined();
  expect(readContract(changed({ 'ageband.image_size': '1e9' }))).toBeUndefined();
});

it('says how faces are aligned, where they are', () => {
  const aligned = { ...contract, alignment: { template: 'similarity', margin: 0.2 } as const };
  const metadata = new Map(Object.entries(contractMetadata(aligned)));
  expect(metadata.get('ageband.crop')).toBe('aligned face');
  expect(readContract(metadata)).toEqual(aligned);
  expect(readContract(changed({ 'ageband.alignment': '{"template":"sideways","margin":0}' }))).toBeUndefined();
});

it('reads calibrations back, also of files that name the temperature of the years beside that of the classes', () => {
  const calibration = { temperature: 1.25, offsets: [0.5, -0.25] };
  const metadata = calibrationMetadata(calibration);
  expect(readCalibrationMetadata(new Map(Object.entries(metadata)))).toEqual(calibration);
  expect(readCalibrationMetadata(new Map(Object.entries({ ...metadata, 'ageband.year_temperature': '1.25' })))).toEqual(calibration);
  expect(readCalibrationMetadata(new Map(Object.entries(calibrationMetadata())))).toBeUndefined();
});
