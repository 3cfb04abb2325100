# libduckdb.so and its C header, fetched once from npm and pinned by hash. The platform package has no header;
# every function of the older header exists in the library. pierd loads the library on first use, from
# ../lib beside its own binary, so only the header is a build input.
set(PIER_DUCKDB_VERSION "1.5.6-r.1" CACHE STRING "Version of @duckdb/node-bindings-*")
set(PIER_DUCKDB_HEADER_VERSION "1.4.4" CACHE STRING "Version of the npm package duckdb that has duckdb.h")
set(header_sha256 cbe6a827284375c5a646b8f27dbd3a00808ce8738b5bbb49c190cb1e08540281)
set(library_sha256_x64 3f4962cdd266eab2b479a5b5a4a6d063d279b2954ae814ed00385d553b747633)

# Downloads are shared by all presets.
if(DEFINED ENV{PIER_DOWNLOADS})
  set(PIER_DOWNLOADS "$ENV{PIER_DOWNLOADS}" CACHE PATH "Where downloads are kept")
else()
  set(PIER_DOWNLOADS "${CMAKE_SOURCE_DIR}/build/_downloads" CACHE PATH "Where downloads are kept")
endif()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(duckdb_arch arm64)
else()
  set(duckdb_arch x64)
endif()
set(duckdb_folder "${PIER_DOWNLOADS}/duckdb-${PIER_DUCKDB_VERSION}-${duckdb_arch}")
set(duckdb_library "${duckdb_folder}/libduckdb.so")
set(duckdb_header "${duckdb_folder}/include/duckdb.h")

# Unpacks files of an npm package into a fresh folder.
function(pier_npm_unpack package folder)
  file(REMOVE_RECURSE "${folder}")
  file(MAKE_DIRECTORY "${folder}")
  execute_process(COMMAND npm pack --silent "${package}" WORKING_DIRECTORY "${folder}"
    OUTPUT_VARIABLE archive OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "npm cannot fetch ${package}: check that npm is installed and a registry is reachable")
  endif()
  file(ARCHIVE_EXTRACT INPUT "${folder}/${archive}" DESTINATION "${folder}" PATTERNS ${ARGN})
endfunction()

function(pier_check_sha256 file expected)
  file(SHA256 "${file}" actual)
  if(NOT actual STREQUAL expected)
    file(REMOVE "${file}")
    message(FATAL_ERROR "${file} has SHA-256 ${actual}, expected ${expected}")
  endif()
endfunction()

# One configure at a time fetches; the others wait and find the files.
file(MAKE_DIRECTORY "${duckdb_folder}")
file(LOCK "${duckdb_folder}/lock" TIMEOUT 300)
if(NOT EXISTS "${duckdb_library}")
  set(unpacked "${duckdb_folder}/unpacked")
  pier_npm_unpack("@duckdb/node-bindings-linux-${duckdb_arch}@${PIER_DUCKDB_VERSION}" "${unpacked}"
    "package/libduckdb.so")
  if(DEFINED library_sha256_${duckdb_arch} AND PIER_DUCKDB_VERSION STREQUAL "1.5.6-r.1")
    pier_check_sha256("${unpacked}/package/libduckdb.so" "${library_sha256_${duckdb_arch}}")
  endif()
  file(RENAME "${unpacked}/package/libduckdb.so" "${duckdb_library}")
  file(REMOVE_RECURSE "${unpacked}")
endif()
if(NOT EXISTS "${duckdb_header}")
  set(unpacked "${duckdb_folder}/unpacked")
  pier_npm_unpack("duckdb@${PIER_DUCKDB_HEADER_VERSION}" "${unpacked}" "package/src/duckdb/src/include/duckdb.h")
  pier_check_sha256("${unpacked}/package/src/duckdb/src/include/duckdb.h" "${header_sha256}")
  file(MAKE_DIRECTORY "${duckdb_folder}/include")
  file(RENAME "${unpacked}/package/src/duckdb/src/include/duckdb.h" "${duckdb_header}")
  file(REMOVE_RECURSE "${unpacked}")
endif()
file(LOCK "${duckdb_folder}/lock" RELEASE)

# bin/../lib, as it will be when installed.
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
file(CREATE_LINK "${duckdb_library}" "${CMAKE_BINARY_DIR}/lib/libduckdb.so" SYMBOLIC)
install(FILES "${duckdb_library}" DESTINATION lib)

add_library(pier_duckdb_header INTERFACE)
target_include_directories(pier_duckdb_header SYSTEM INTERFACE "${duckdb_folder}/include")
