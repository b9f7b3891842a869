// ThreadSanitizer does not see how libzmq, which is not built with it, hands memory from thread to thread, so
// every report with libzmq in one of its stacks is a false one. What is looked for here are races of
// Monocoque's own. With CURVE libzmq's memory is written by libsodium, behind which the stack is lost.

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
extern "C" const char* __tsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier): TSan's name

#ifdef MONOCOQUE_TEST_CURVE_OF_LIBZMQ
#define MONOCOQUE_SUPPRESS_SODIUM "race:libsodium.so\n"
#else
#define MONOCOQUE_SUPPRESS_SODIUM
#endif

extern "C" const char* __tsan_default_suppressions() {  // NOLINT: as above
  return "race:libzmq.so\n" MONOCOQUE_SUPPRESS_SODIUM;
}
#endif
#endif
