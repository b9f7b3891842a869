# libzmq.so.5 and zmq.h: all rooms but api behind libzmq's C interface. Both are built to, and installed in, folders
# of their own, so that they take libzmq's place for those alone who ask for it: a program that runs, by
# LD_LIBRARY_PATH; one that is built, by PKG_CONFIG_PATH or by monocoque::zmq.

if(NOT MONOCOQUE_BUILD_ZMQ)
  return()
endif()

# The release of libzmq whose interface this is, and the version of its library.
file(STRINGS ${PROJECT_SOURCE_DIR}/include/zmq/zmq.h zmq_version REGEX "define ZMQ_VERSION_(MAJOR|MINOR|PATCH)")
list(TRANSFORM zmq_version REPLACE "[^0-9]+" "")
list(JOIN zmq_version "." zmq_version)
set(zmq_library_version 5.2.5)
set(zmq_library_folder ${CMAKE_INSTALL_LIBDIR}/monocoque)
set(zmq_header_folder ${CMAKE_INSTALL_INCLUDEDIR}/monocoque-zmq)

get_property(rooms GLOBAL PROPERTY MONOCOQUE_OBJECT_ROOMS)
list(REMOVE_ITEM rooms monocoque_api)
set(objects)
foreach(room IN LISTS rooms)
  list(APPEND objects $<TARGET_OBJECTS:${room}>)
endforeach()

set(exports ${PROJECT_SOURCE_DIR}/cmake/zmq_face.map)
add_library(monocoque_zmq SHARED ${objects})
add_library(monocoque::zmq ALIAS monocoque_zmq)
set_target_properties(monocoque_zmq PROPERTIES
  OUTPUT_NAME zmq EXPORT_NAME zmq LINKER_LANGUAGE CXX VERSION ${zmq_library_version} SOVERSION 5
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/zmq LINK_DEPENDS ${exports})
target_sources(monocoque_zmq PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include/zmq
  FILES ${PROJECT_SOURCE_DIR}/include/zmq/zmq.h ${PROJECT_SOURCE_DIR}/include/zmq/zmq_utils.h)
target_link_libraries(monocoque_zmq
  PRIVATE ${MONOCOQUE_LIBRARIES} Threads::Threads)
# -Bsymbolic-functions: its functions call each other, not those of a libzmq that the program happens to have too.
target_link_options(monocoque_zmq PRIVATE LINKER:--version-script=${exports} LINKER:-Bsymbolic-functions
  $<TARGET_PROPERTY:monocoque_flags,INTERFACE_LINK_OPTIONS>)

install(TARGETS monocoque_zmq EXPORT monocoque-zmq
  LIBRARY DESTINATION ${zmq_library_folder}
  FILE_SET HEADERS DESTINATION ${zmq_header_folder})
install(EXPORT monocoque-zmq NAMESPACE monocoque:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/monocoque)

file(RELATIVE_PATH pc_prefix /${zmq_library_folder}/pkgconfig /)
configure_file(${PROJECT_SOURCE_DIR}/cmake/libzmq.pc.in ${PROJECT_BINARY_DIR}/libzmq.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/libzmq.pc DESTINATION ${zmq_library_folder}/pkgconfig)
