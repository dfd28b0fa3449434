// The peers of IntegerLoop.som (without the overflow checks that SOM has), DoubleLoop.som and Fibonacci.som.
// Build and run: cc -O2 loops.c -o /tmp/loops && /tmp/loops
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t integer_loop(int64_t n) {
  int64_t total = 0;
  for (int64_t i = 0; i < n; i++) total += i % 10;
  return total - 9;
}

static int64_t double_loop(int64_t n) {
  double sum = 0, sign = 1;
  for (int64_t k = 0; k < n; k++) {
    sum += sign / (2.0 * (double)k + 1.0);
    sign = 0.0 - sign;
  }
  return (int64_t)(sum * 4000000.0);
}

static int64_t fibonacci(int64_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

static void measure(const char *name, int64_t (*run)(int64_t), int64_t n) {
  for (int i = 0; i < 10; i++) {
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    volatile int64_t size = n;
    int64_t result = run(size);
    clock_gettime(CLOCK_MONOTONIC, &b);
    long us = (b.tv_sec - a.tv_sec) * 1000000 + (b.tv_nsec - a.tv_nsec) / 1000;
    printf("%s: %ld us (%lld)\n", name, us, (long long)result);
  }
}

int main(void) {
  measure("IntegerLoop", integer_loop, 10000000);
  measure("DoubleLoop", double_loop, 5000000);
  measure("Fibonacci", fibonacci, 30);
}
