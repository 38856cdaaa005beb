/** The public interface of the package: what each command of the CLI does, as a function. */
import './runtime/telemetry.node.js';

export * from './base/errors.js';
export { AGE_BANDS } from './data/bands.js';
export type { ClassCount, Finding, FindingKind, ManifestCheck } from './data/check-manifest.js';
export { checkManifest, writeFindings } from './data/check-manifest.js';
export type { NearDuplicate, NearDuplicates } from './data/duplicates/near-duplicates.js';
export { findNearDuplicates } from './data/duplicates/near-duplicates.js';
export { groupIndices } from './data/groups.js';
export type { Leak, LeakCounts } from './data/leaks.js';
export { countLeaks, findLeaks } from './data/leaks.js';
export type { Materialised, MaterialiseOptions } from './data/materialise.js';
export { materialiseSplit } from './data/materialise.js';
export type { Dataset, Problem, Sample, Split } from './data/sample.js';
export type { AdienceCounts, AdienceOptions, AdienceTable, LabelCount } from './data/sources/adience.js';
export { readAdience } from './data/sources/adience.js';
export type { AdienceFace, AdienceFaces, AdiencePictures } from './data/sources/adience-folds.js';
export { listAdienceFaces } from './data/sources/adience-folds.js';
export type { AdienceLabels, LabelOutcome } from './data/sources/adience-labels.js';
export { readFgnet } from './data/sources/fgnet.js';
export type { LabelledCsvOptions } from './data/sources/labelled-csv.js';
export { readLabelledCsv } from './data/sources/labelled-csv.js';
export { readLabelledFolders } from './data/sources/labelled-folders.js';
export type {
  BetweenRule,
  LeftOut,
  LeftOutKind,
  SourceOptions,
  SourceRow,
  SourceTable,
} from './data/sources/source.js';
export type { SourceSummary } from './data/sources/summary.js';
export { summariseSource } from './data/sources/summary.js';
export { readUtkface } from './data/sources/utkface.js';
export type { WrittenSource } from './data/sources/write-source.js';
export { writeSource } from './data/sources/write-source.js';
export type { ManifestSplit, SplitManifestOptions } from './data/split-manifest.js';
export { splitManifest } from './data/split-manifest.js';
export type { AgeError } from './evaluation/ages.js';
export type { RunCalibration } from './evaluation/calibrate.js';
export { calibrateRun } from './evaluation/calibrate.js';
export type { Calibration, CalibrationBin } from './evaluation/calibration.js';
export { plotClassCounts } from './evaluation/class-plot.js';
export type { Classifier, ClassifierOptions, FailedPrediction, PictureSource, Prediction } from './evaluation/classify.js';
export { classify, openClassifier } from './evaluation/classify.js';
export type { ColumnFigures, ValueFigures } from './evaluation/columns.js';
export type { EvaluateOptions, Evaluation, EvaluationProgress } from './evaluation/evaluate.js';
export { evaluateRun, evaluateSplits } from './evaluation/evaluate.js';
export { evaluationSpecs, plotEvaluation } from './evaluation/evaluation-plots.node.js';
export type {
  ExplainedPicture,
  ExplainerOptions,
  ExplainOptions,
  PictureExplainer,
  PictureExplanation,
} from './evaluation/explain.js';
export { explainPicture, explainPictures, openExplainer } from './evaluation/explain.js';
export { explanationPng, explanationSvg } from './evaluation/explanation-figure.js';
export type { Faithfulness, FaithfulnessOptions } from './evaluation/faithfulness/measure.js';
export { measureFaithfulness } from './evaluation/faithfulness/measure.js';
export { plotFaithfulness } from './evaluation/faithfulness/plot.js';
export type { Curve, Curves, PictureMeasurement, RegionShares } from './evaluation/faithfulness/outcome.js';
export type { CurveSummary, FaithfulnessSummary, Mean, RegionSummary } from './evaluation/faithfulness/summary.js';
export type { PairedDifference } from './evaluation/paired.js';
export type { Headlines } from './evaluation/headlines.js';
export type { Interval } from './evaluation/intervals.js';
export type { Judgement, Mistake } from './evaluation/judge.js';
export { judge } from './evaluation/judge.js';
export type { NearCopyCounts } from './evaluation/leak-check.js';
export { drawMistakes } from './evaluation/mistake-sheet.node.js';
export type { ClassMetrics, Metrics } from './evaluation/metrics.js';
export { plotHistory } from './evaluation/plots.node.js';
export type { CalibrationEffect } from './evaluation/calibration-effect.js';
export { fitTemperature } from './evaluation/temperature.js';
export type { MapMethod } from './explain/map-methods.js';
export { MAP_METHODS } from './explain/map-methods.js';
export type { ClassMap } from './explain/heat-map.js';
export { isEmptyMap, normaliseMap, spreadMap } from './explain/heat-map.js';
export { HEAT_COLOURS, overlayMap } from './explain/overlay.js';
export type { AlignmentTemplate, AlignOptions } from './faces/align.js';
export { alignFace, ALIGNMENT_TEMPLATES, alignmentMatrix } from './faces/align.js';
export type { Box, Face, FaceQuality, Point } from './faces/face.js';
export type { FaceFinder } from './faces/finder.js';
export type { FaceFinderOptions } from './faces/finder.node.js';
export { detectFaces, openFaceFinder } from './faces/finder.node.js';
export type { Picture } from './images/picture.js';
export type { CropSummary } from './jobs/crop/crop-pictures.js';
export { cropPictures } from './jobs/crop/crop-pictures.js';
export type { CropOptions } from './jobs/crop/settings.js';
export type { CrossValidation, CrossValidationEvent, FoldResult } from './jobs/cross-validate/cross-validate.js';
export { crossValidate, resumeCrossValidation } from './jobs/cross-validate/cross-validate.js';
export type { CrossValidateOptions } from './jobs/cross-validate/settings.js';
export { measureFaithfulnessIn } from './jobs/faithfulness.js';
export type { PredictOptions, PredictSummary } from './jobs/predict/predict-pictures.js';
export { predictPictures } from './jobs/predict/predict-pictures.js';
export type { Trial } from './jobs/sweep/record.js';
export type { Sweep, SweepEvent } from './jobs/sweep/sweep.js';
export { sweep } from './jobs/sweep/sweep.js';
export { getModel, modelNames } from './models/registry.js';
export type { LayerSummary, ModelSummary } from './models/summary.js';
export { summarise } from './models/summary.js';
export type { LayerDescription } from './nn/description.js';
export { describedNetwork } from './nn/description.js';
export type { ComparedRun, CompareOptions, Comparison, ComparisonListener } from './reports/compare.js';
export { compareRuns } from './reports/compare.js';
export type { DataOptions, PictureListener } from './reports/measured-run.js';
export type { ReportOptions } from './reports/report.js';
export { writeReport } from './reports/report.js';
export { writeComparison } from './reports/write-comparison.js';
export type { DocumentFiles } from './reports/write-document.js';
export { chooseDevice } from './runtime/choose-device.node.js';
export type { Device, DeviceChoice } from './runtime/device.js';
export type { RunningServer, ServeOptions } from './server/serve.js';
export { serve } from './server/serve.js';
export type { TrainConfig } from './training/config.js';
export { DEFAULT_CONFIG } from './training/config.js';
export type { TrainingEvent, TrainingListener } from './training/events.js';
export type { ExportExplainerOptions, ExportOptions } from './training/export.js';
export { exportExplainer, exportRun } from './training/export.js';
export type { ExportFormat } from './training/export-formats.js';
export type { EpochRecord } from './training/history.js';
export type { ImportOptions, ImportSummary } from './training/import-run.js';
export { importModel } from './training/import-run.js';
export type { FineTuneOptions, TrainOptions, TrainResult } from './training/train.js';
export { fineTune, resumeRun, train } from './training/train.js';
