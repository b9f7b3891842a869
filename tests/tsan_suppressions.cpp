// ThreadSanitizer does not see how libzmq, which is not built with it, hands memory from thread to thread, so
// every report with libzmq in one of its stacks is a false one. What is looked for here are races of
// Monocoque's own.

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
extern "C" const char* __tsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier): TSan's name

extern "C" const char* __tsan_default_suppressions() { return "race:libzmq.so\n"; }  // NOLINT: as above
#endif
#endif
