# pier_library(<room> SOURCES ... [DEPS rooms...] [PRIVATE third-party targets...])
#
# Declares the static library pier_<room>. DEPS are rooms (their headers become visible); PRIVATE
# names third-party targets that only this room's .cpp files may include.
function(pier_library room)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS;PRIVATE" ${ARGN})
  add_library(pier_${room} STATIC ${arg_SOURCES})
  target_link_libraries(pier_${room} PUBLIC pier_flags PRIVATE pier_warnings)
  foreach(dep IN LISTS arg_DEPS)
    target_link_libraries(pier_${room} PUBLIC pier_${dep})
  endforeach()
  target_link_libraries(pier_${room} PRIVATE ${arg_PRIVATE})
endfunction()

# pier_unit_test(<room> SOURCES ... [LIBS rooms...]): one doctest binary, one ctest entry.
function(pier_unit_test room)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS;PRIVATE" ${ARGN})
  pier_test_binary(unit_${room} SOURCES ${arg_SOURCES} LIBS ${room} ${arg_LIBS} PRIVATE ${arg_PRIVATE})
  add_test(NAME unit.${room} COMMAND unit_${room})
  set_tests_properties(unit.${room} PROPERTIES LABELS unit TIMEOUT 60)
endfunction()

# pier_integration_test(<room> SOURCES ... [LIBS rooms...]): real services; each doctest case is its
# own ctest entry, so that they run in parallel.
function(pier_integration_test room)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS;PRIVATE" ${ARGN})
  pier_test_binary(integration_${room} SOURCES ${arg_SOURCES} LIBS ${room} ${arg_LIBS} PRIVATE ${arg_PRIVATE})
  doctest_discover_tests(integration_${room} TEST_PREFIX "integration.${room}: "
    PROPERTIES LABELS integration TIMEOUT 300)
endfunction()

function(pier_test_binary name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS;PRIVATE" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE pier_test_main pier_warnings ${arg_PRIVATE})
  foreach(lib IN LISTS arg_LIBS)
    target_link_libraries(${name} PRIVATE pier_${lib})
  endforeach()
endfunction()
