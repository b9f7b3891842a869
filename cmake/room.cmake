# monocoque_room(<name> [KNOWS <room>...] [LINKS <library>...] [INCLUDES <folder>...] [BOTH_DRIVERS])
#
# src/<name>/ and one level of folders below it become the object library monocoque_<name>, which may use
# the rooms it KNOWS. Its *_test.cpp become the program <name>_test, linked with this room and those below
# only, so that a room is built and tested while the rooms above it do not compile. BOTH_DRIVERS: the tests
# do real I/O and are run once a driver. A room without sources is an empty target.

function(monocoque_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "BOTH_DRIVERS" "" "KNOWS;LINKS;INCLUDES")
  set(folder ${PROJECT_SOURCE_DIR}/src/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp ${folder}/*/*.cpp)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  if(NOT MONOCOQUE_WITH_URING)
    list(FILTER tests EXCLUDE REGEX "/uring_[^/]*$")
    list(FILTER sources EXCLUDE REGEX "/uring_[^/]*$")
  endif()
  if(MONOCOQUE_WITH_CURVE)
    list(FILTER sources EXCLUDE REGEX "/no_sodium[^/]*$")
  else()
    list(FILTER tests EXCLUDE REGEX "/(sodium|curve)_[^/]*$")
    list(FILTER sources EXCLUDE REGEX "/sodium_[^/]*$")
  endif()

  set(target monocoque_${name})
  set(scope PUBLIC)
  if(sources)
    add_library(${target} OBJECT ${sources})
    target_link_libraries(${target} PRIVATE ${room_LINKS})
    set_property(GLOBAL APPEND PROPERTY MONOCOQUE_OBJECT_ROOMS ${target})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src
    ${room_INCLUDES})

  # An object library hands its objects to direct users only, so a program names every room below it.
  set(below)
  foreach(known IN LISTS room_KNOWS)
    get_property(reach GLOBAL PROPERTY MONOCOQUE_REACH_${known})
    list(APPEND below monocoque_${known} ${reach})
  endforeach()
  list(REMOVE_DUPLICATES below)
  set_property(GLOBAL PROPERTY MONOCOQUE_REACH_${name} ${below})
  list(TRANSFORM room_KNOWS PREPEND monocoque_)
  target_link_libraries(${target} ${scope} monocoque_flags ${room_KNOWS})

  if(tests AND MONOCOQUE_BUILD_TESTS)
    monocoque_add_gtest(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${target} ${below})
    if(room_BOTH_DRIVERS)
      monocoque_register_gtest(${name}_test ${name} "${MONOCOQUE_DRIVERS}")
    else()
      monocoque_register_gtest(${name}_test ${name} "")
    endif()
  endif()
endfunction()
