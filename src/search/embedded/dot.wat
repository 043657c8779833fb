;; Dot products of one query with rows of int8 vectors, in fixed-width SIMD (WebAssembly 2.0).
;; `dot-wasm.ts` holds this in binary; `dot.test.ts` compares the two.
(module
  (import "index" "memory" (memory 1))

  ;; rows: where `count` row numbers are, i32 each. vectors: where row 0 is; a row takes `stride` bytes, a multiple of 16,
  ;; padded with zeros. query: where `stride` int16 are. out: where `count` i32 are put.
  ;; Sums must fit in 31 bits; nothing is checked.
  (func (export "dots")
    (param $rows i32) (param $count i32) (param $vectors i32) (param $stride i32) (param $query i32) (param $out i32)
    (local $end i32) (local $row i32) (local $rowEnd i32) (local $part i32)
    (local $bytes v128) (local $low v128) (local $high v128)
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $nextRow
        (br_if $done (i32.ge_u (local.get $rows) (local.get $end)))
        (local.set $row
          (i32.add (local.get $vectors) (i32.mul (i32.load (local.get $rows)) (local.get $stride))))
        (local.set $rowEnd (i32.add (local.get $row) (local.get $stride)))
        (local.set $part (local.get $query))
        (local.set $low (v128.const i32x4 0 0 0 0))
        (local.set $high (v128.const i32x4 0 0 0 0))
        (loop $nextPart
          (local.set $bytes (v128.load (local.get $row)))
          (local.set $low (i32x4.add (local.get $low)
            (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (local.get $bytes)) (v128.load (local.get $part)))))
          (local.set $high (i32x4.add (local.get $high)
            (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_s (local.get $bytes)) (v128.load offset=16 (local.get $part)))))
          (local.set $row (i32.add (local.get $row) (i32.const 16)))
          (local.set $part (i32.add (local.get $part) (i32.const 32)))
          (br_if $nextPart (i32.lt_u (local.get $row) (local.get $rowEnd))))
        (local.set $low (i32x4.add (local.get $low) (local.get $high)))
        (i32.store (local.get $out)
          (i32.add
            (i32.add (i32x4.extract_lane 0 (local.get $low)) (i32x4.extract_lane 1 (local.get $low)))
            (i32.add (i32x4.extract_lane 2 (local.get $low)) (i32x4.extract_lane 3 (local.get $low)))))
        (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (br $nextRow)))))
