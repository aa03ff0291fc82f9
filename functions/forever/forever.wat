;; A function that never comes back. It teaches timeouts: Lambda stops it at the configured second and
;; reports "Task timed out". What it had in memory is lost, so the next invocation begins with Init.
(module
  (import "lambda" "log" (func $log (param $address i32) (param $length i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "Starting a loop that never ends")

  ;; Each event goes to address 1024, over the one before; memory grows when one is larger.
  (func (export "alloc") (param $length i32) (result i32)
    (if (i32.gt_u (i32.add (local.get $length) (i32.const 1024)) (i32.mul (memory.size) (i32.const 65536)))
      (then (drop (memory.grow (i32.add (i32.shr_u (local.get $length) (i32.const 16)) (i32.const 1))))))
    (i32.const 1024))

  (func (export "handler") (param $event i32) (param $length i32) (result i64)
    (call $log (i32.const 0) (i32.const 31))
    (loop $again
      (br $again))
    (unreachable)))
