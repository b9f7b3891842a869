# The rooms put together: libmonocoque.a and libmonocoque.so from the same objects, and their installation.

get_property(rooms GLOBAL PROPERTY MONOCOQUE_OBJECT_ROOMS)
list(REMOVE_ITEM rooms monocoque_capi) # zmq_face.cmake puts it together with the others.
set(objects)
foreach(room IN LISTS rooms)
  list(APPEND objects $<TARGET_OBJECTS:${room}>)
endforeach()
if(NOT objects)
  return() # Nothing written yet: there is nothing to put together.
endif()

add_library(monocoque_static STATIC ${objects})
add_library(monocoque_shared SHARED ${objects})
add_library(monocoque::static ALIAS monocoque_static)
add_library(monocoque::shared ALIAS monocoque_shared)
if(BUILD_SHARED_LIBS)
  add_library(monocoque::monocoque ALIAS monocoque_shared)
else()
  add_library(monocoque::monocoque ALIAS monocoque_static)
endif()

file(GLOB_RECURSE public_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/*.hpp)
foreach(kind IN ITEMS static shared)
  set(target monocoque_${kind})
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME monocoque EXPORT_NAME ${kind} LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION} SOVERSION 0)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include
    FILES ${public_headers})
  target_link_libraries(${target} PRIVATE ${MONOCOQUE_LIBRARIES} PUBLIC Threads::Threads)
  target_link_options(${target} PRIVATE $<TARGET_PROPERTY:monocoque_flags,INTERFACE_LINK_OPTIONS>)
endforeach()

include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/monocoque)
foreach(kind IN ITEMS static shared)
  install(TARGETS monocoque_${kind} EXPORT monocoque-${kind}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT monocoque-${kind} NAMESPACE monocoque:: DESTINATION ${package_folder})
endforeach()
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/monocoque-config.cmake.in
  ${PROJECT_BINARY_DIR}/monocoque-config.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/monocoque-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/monocoque-config.cmake
  ${PROJECT_BINARY_DIR}/monocoque-config-version.cmake DESTINATION ${package_folder})

list(JOIN MONOCOQUE_MODULES ", " pc_requires_private)
string(REPLACE ">=" " >= " pc_requires_private "${pc_requires_private}")
file(RELATIVE_PATH pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${PROJECT_SOURCE_DIR}/cmake/monocoque.pc.in ${PROJECT_BINARY_DIR}/monocoque.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/monocoque.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
