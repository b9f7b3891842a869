#pragma once

#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
#define MONOCOQUE_CHECKS_POINTERS 1
#endif
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MONOCOQUE_CHECKS_MEMORY 1
#endif
#endif

namespace monocoque::test {

/// To see whether it may look at an object, UndefinedBehaviorSanitizer opens a pipe, and calls the object
/// invalid if there is none to be had: tests that use up the descriptors cannot run under it.
inline bool checks_need_descriptors() {
#ifdef MONOCOQUE_CHECKS_POINTERS
  return true;
#else
  return false;
#endif
}

/// The address space is full of what the sanitizer knows about memory, so it cannot be limited.
inline bool checks_memory() {
#ifdef MONOCOQUE_CHECKS_MEMORY
  return true;
#else
  return false;
#endif
}

}  // namespace monocoque::test
