// The peer of Fibonacci.som. Usage: node fib.js [n [iterations]]
function fib(n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

const n = Number(process.argv[2] ?? 30);
const iterations = Number(process.argv[3] ?? 10);
for (let i = 0; i < iterations; i++) {
  const start = performance.now();
  const result = fib(n);
  console.log(`fib: ${Math.round((performance.now() - start) * 1000)} us (${result})`);
}
