;; Loops over the pixels of a picture in WebAssembly, four numbers at a time, where JavaScript takes two to three times as
;; long. Levels are bytes, red, green and blue in turn, row after row. Places in memory are in bytes.
;; `npm run kernels` makes binary.ts of this file; kernels.ts is its other end.
(module
  (memory (export "memory") 1)

  ;; Halves rows of a picture: each level becomes the mean of four, rounded.
  ;; Two pixels are made at once of four in each of two rows, which are 12 bytes: of the 16 that are read the last four
  ;; count for nothing, and of the 8 that are written the last two are written again. So both need room beyond their end.
  (func (export "halve")
    (param $from i32) (param $stride i32) ;; of the source: its start, and bytes from row to row
    (param $to i32) (param $columns i32) (param $rows i32) ;; of the result: its start, and its size in pixels
    (local $source i32) (local $below i32) (local $target i32) (local $end i32)
    (local $low v128) (local $high v128)
    (loop $eachRow
      (local.set $source (local.get $from))
      (local.set $below (i32.add (local.get $from) (local.get $stride)))
      (local.set $target (local.get $to))
      (local.set $end (i32.add (local.get $to) (i32.mul (local.get $columns) (i32.const 3))))
      (loop $eachPair
        ;; Sums of two rows, in 16 bits each: bytes 0 to 7, and bytes 8 to 15.
        (local.set $low (i16x8.add
          (i16x8.extend_low_i8x16_u (v128.load (local.get $source)))
          (i16x8.extend_low_i8x16_u (v128.load (local.get $below)))))
        (local.set $high (i16x8.add
          (i16x8.extend_high_i8x16_u (v128.load (local.get $source)))
          (i16x8.extend_high_i8x16_u (v128.load (local.get $below)))))
        ;; The first and third pixel to the second and fourth.
        (local.set $low (i16x8.add
          (i8x16.shuffle 0 1 2 3 4 5 12 13 14 15 16 17 0 0 0 0 (local.get $low) (local.get $high))
          (i8x16.shuffle 6 7 8 9 10 11 18 19 20 21 22 23 0 0 0 0 (local.get $low) (local.get $high))))
        (local.set $low (i16x8.shr_u
          (i16x8.add (local.get $low) (i16x8.splat (i32.const 2)))
          (i32.const 2)))
        (v128.store64_lane 0 (local.get $target) (i8x16.narrow_i16x8_u (local.get $low) (local.get $low)))
        (local.set $source (i32.add (local.get $source) (i32.const 12)))
        (local.set $below (i32.add (local.get $below) (i32.const 12)))
        (local.set $target (i32.add (local.get $target) (i32.const 6)))
        (br_if $eachPair (i32.lt_u (local.get $target) (local.get $end))))
      (local.set $from (i32.add (local.get $from) (i32.shl (local.get $stride) (i32.const 1))))
      (local.set $to (local.get $end))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br_if $eachRow (local.get $rows))))

  ;; Reads a square grid of places, bilinearly, as three planes of floats: scale * level + offset, and the offset alone for
  ;; places outside. Pairs are x and y. Beside a pixel in the last column or row, what follows in memory is read, and
  ;; counts for nothing.
  (func (export "sample")
    (param $from i32) (param $stride i32) ;; of the source
    (param $lastX f64) (param $lastY f64) ;; its last column and row
    (param $firstX f64) (param $firstY f64) ;; the first place
    (param $along f64) (param $across f64) ;; from place to place in a row of the grid; its columns stand at right angles
    (param $to i32) (param $size i32) ;; of the planes: their start, and their width and height
    (param $scale f32) (param $offset f32)
    (local $row i32) (local $column i32) (local $plane i32) (local $at i32) (local $below i32)
    (local $least v128) (local $last v128) (local $most v128) (local $step v128) (local $start v128) (local $place v128)
    (local $pixel v128) (local $scales v128) (local $outside v128) (local $value v128)
    (local $parts v128) (local $right v128) (local $down v128) (local $corner v128)
    (local.set $plane (i32.shl (i32.mul (local.get $size) (local.get $size)) (i32.const 2)))
    (local.set $scales (f32x4.splat (local.get $scale)))
    (local.set $outside (f32x4.splat (local.get $offset)))
    (local.set $step (f64x2.replace_lane 1 (f64x2.splat (local.get $along)) (local.get $across)))
    (local.set $last (f64x2.replace_lane 1 (f64x2.splat (local.get $lastX)) (local.get $lastY)))
    (local.set $least (f64x2.splat (f64.const -0.5)))
    (local.set $most (f64x2.sub (local.get $last) (local.get $least)))
    (loop $eachRow
      (local.set $start (f64x2.replace_lane 1
        (f64x2.splat (f64.sub (local.get $firstX) (f64.mul (f64.convert_i32_u (local.get $row)) (local.get $across))))
        (f64.add (local.get $firstY) (f64.mul (f64.convert_i32_u (local.get $row)) (local.get $along)))))
      (local.set $column (i32.const 0))
      (loop $eachColumn
        (local.set $place (f64x2.add
          (local.get $start)
          (f64x2.mul (f64x2.splat (f64.convert_i32_u (local.get $column))) (local.get $step))))
        (local.set $value (local.get $outside))
        ;; Places that are no numbers are outside as well.
        (if (i64x2.all_true (v128.and
              (f64x2.gt (local.get $place) (local.get $least))
              (f64x2.lt (local.get $place) (local.get $most))))
          (then
            (local.set $place (f64x2.pmin
              (f64x2.pmax (local.get $place) (f64x2.splat (f64.const 0)))
              (local.get $last)))
            (local.set $pixel (i32x4.trunc_sat_f64x2_s_zero (local.get $place)))
            (local.set $at (i32.add
              (local.get $from)
              (i32.add
                (i32.mul (i32x4.extract_lane 0 (local.get $pixel)) (i32.const 3))
                (i32.mul (i32x4.extract_lane 1 (local.get $pixel)) (local.get $stride)))))
            (local.set $below (i32.add (local.get $at) (local.get $stride)))
            ;; The weights, times the scale: right is that of the upper right pixel, down of both lower ones, and corner
            ;; of the lower right one.
            (local.set $parts (f32x4.demote_f64x2_zero
              (f64x2.sub (local.get $place) (f64x2.convert_low_i32x4_s (local.get $pixel)))))
            (local.set $right (i8x16.shuffle 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3 (local.get $parts) (local.get $parts)))
            (local.set $down (f32x4.mul
              (local.get $scales)
              (i8x16.shuffle 4 5 6 7 4 5 6 7 4 5 6 7 4 5 6 7 (local.get $parts) (local.get $parts))))
            (local.set $corner (f32x4.mul (local.get $right) (local.get $down)))
            (local.set $right (f32x4.sub (f32x4.mul (local.get $right) (local.get $scales)) (local.get $corner)))
            (local.set $value (f32x4.add
              (f32x4.add
                (f32x4.mul
                  (f32x4.sub (f32x4.sub (local.get $scales) (local.get $down)) (local.get $right))
                  (f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u
                    (v128.load32_zero (local.get $at))))))
                (f32x4.mul
                  (local.get $right)
                  (f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u
                    (v128.load32_zero offset=3 (local.get $at)))))))
              (f32x4.add
                (f32x4.add
                  (f32x4.mul
                    (f32x4.sub (local.get $down) (local.get $corner))
                    (f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u
                      (v128.load32_zero (local.get $below))))))
                  (f32x4.mul
                    (local.get $corner)
                    (f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u
                      (v128.load32_zero offset=3 (local.get $below)))))))
                (local.get $outside))))))
        (v128.store32_lane 0 (local.get $to) (local.get $value))
        (v128.store32_lane 1 (i32.add (local.get $to) (local.get $plane)) (local.get $value))
        (v128.store32_lane 2 (i32.add (local.get $to) (i32.shl (local.get $plane) (i32.const 1))) (local.get $value))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))
        (local.set $column (i32.add (local.get $column) (i32.const 1)))
        (br_if $eachColumn (i32.lt_u (local.get $column) (local.get $size))))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br_if $eachRow (i32.lt_u (local.get $row) (local.get $size)))))
)
