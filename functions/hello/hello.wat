;; The smallest useful function: it takes an event, writes a line into its log and answers.
;; It teaches the handler convention: the host calls `alloc` for room, copies the event there,
;; calls `handler` and reads the response at the address and length which that returns.
(module
  (import "lambda" "log" (func $log (param $address i32) (param $length i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\"statusCode\":200,\"headers\":{\"content-type\":\"text/plain\"},\"body\":\"Hello from WebAssembly!\"}")
  (data (i32.const 96) "Saying hello")

  ;; Each event goes to address 1024, over the one before; memory grows when one is larger.
  (func (export "alloc") (param $length i32) (result i32)
    (if (i32.gt_u (i32.add (local.get $length) (i32.const 1024)) (i32.mul (memory.size) (i32.const 65536)))
      (then (drop (memory.grow (i32.add (i32.shr_u (local.get $length) (i32.const 16)) (i32.const 1))))))
    (i32.const 1024))

  (func (export "handler") (param $event i32) (param $length i32) (result i64)
    (call $log (i32.const 96) (i32.const 12))
    ;; The response's address, 0, in the upper half and its length, 91, in the lower.
    (i64.or (i64.shl (i64.const 0) (i64.const 32)) (i64.const 91))))
