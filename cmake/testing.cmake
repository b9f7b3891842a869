# How tests are registered. What does I/O runs once a driver: MONOCOQUE_IO=uring|epoll, and the driver's
# name at the end of the test's.

if(NOT MONOCOQUE_BUILD_TESTS)
  return()
endif()

enable_testing()
include(GoogleTest)
find_package(GTest REQUIRED)

set(MONOCOQUE_TEST_TIMEOUT 60 CACHE STRING "Seconds that one test may take")
# Debian's own Python, the one that python3-zmq is installed for.
set(MONOCOQUE_PYTHON /usr/bin/python3 CACHE FILEPATH "Python that has pyzmq")

set(MONOCOQUE_DRIVERS epoll)
if(MONOCOQUE_WITH_URING)
  if(NOT DEFINED MONOCOQUE_URING_RUNS)
    message(CHECK_START "Does this kernel let us use io_uring")
    try_run(MONOCOQUE_URING_RUNS MONOCOQUE_URING_COMPILES ${PROJECT_BINARY_DIR}/uring_probe
      ${PROJECT_SOURCE_DIR}/cmake/uring_probe.cpp LINK_LIBRARIES PkgConfig::LIBURING)
    if(MONOCOQUE_URING_RUNS EQUAL 0)
      message(CHECK_PASS "yes")
    else()
      message(CHECK_FAIL "no")
    endif()
  endif()
  if(MONOCOQUE_URING_RUNS EQUAL 0)
    list(PREPEND MONOCOQUE_DRIVERS uring)
  else()
    message(WARNING "io_uring cannot be used here: the tests run on epoll alone.")
    # Listed at the end of ctest's output, so that nobody believes both drivers were tested.
    add_test(NAME uring_driver_is_untested_here COMMAND ${CMAKE_COMMAND} -E true)
    set_tests_properties(uring_driver_is_untested_here PROPERTIES DISABLED ON)
  endif()
endif()

# monocoque_add_gtest(<target> <source>...): a GoogleTest program. Its own sources are compiled without
# optimisation under a sanitizer, where that takes a third of the time and what is tested is the library.
function(monocoque_add_gtest target)
  add_executable(${target} ${ARGN})
  target_link_libraries(${target} PRIVATE GTest::gmock GTest::gtest_main)
  target_precompile_headers(${target} PRIVATE
    <gmock/gmock.h> <gtest/gtest.h> <algorithm> <chrono> <functional> <map> <memory> <mutex> <optional> <random>
    <span> <stop_token> <string> <thread> <variant> <vector>)
  target_compile_options(${target} PRIVATE $<$<BOOL:${MONOCOQUE_SANITIZE}>:-O0>)
endfunction()

# monocoque_register_gtest(<target> <label> <drivers>): each test of a GoogleTest program, once a driver,
# or once if there are none. Found when ctest starts, so that a build does not run what it built.
function(monocoque_register_gtest target label drivers)
  set(common DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 TEST_PREFIX ${label}.)
  set(properties TIMEOUT ${MONOCOQUE_TEST_TIMEOUT} LABELS ${label})
  if(NOT drivers)
    gtest_discover_tests(${target} ${common} PROPERTIES ${properties})
  endif()
  foreach(driver IN LISTS drivers)
    gtest_discover_tests(${target} ${common} TEST_SUFFIX .${driver} TEST_LIST ${target}_${driver}
      PROPERTIES ${properties} ENVIRONMENT MONOCOQUE_IO=${driver})
  endforeach()
endfunction()

# monocoque_register_command(<name> <label> <drivers> [ENVIRONMENT <var=value>...] [LOCK <name>]
#                            COMMAND <word>...)
function(monocoque_register_command name label drivers)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "LOCK" "ENVIRONMENT;COMMAND")
  if(NOT drivers)
    set(drivers none)
  endif()
  foreach(driver IN LISTS drivers)
    set(test ${label}.${name})
    set(environment ${arg_ENVIRONMENT})
    if(NOT driver STREQUAL "none")
      string(APPEND test .${driver})
      list(APPEND environment MONOCOQUE_IO=${driver})
    endif()
    add_test(NAME ${test} COMMAND ${arg_COMMAND})
    set_tests_properties(${test} PROPERTIES TIMEOUT ${MONOCOQUE_TEST_TIMEOUT} LABELS ${label}
      ENVIRONMENT "${environment}" RESOURCE_LOCK "${arg_LOCK}" SKIP_RETURN_CODE 77)
  endforeach()
endfunction()
