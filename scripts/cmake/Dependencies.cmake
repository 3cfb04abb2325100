# Third-party parts, all from the system's packages (scripts/setup). libcurl, libgit2 and DuckDB are
# loaded on first use (core/base/shared_library.hpp), so only their headers matter here.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(simdjson REQUIRED)
find_package(CURL REQUIRED)
pkg_check_modules(libgit2 REQUIRED IMPORTED_TARGET libgit2)
find_package(roaring REQUIRED)

# yaml-cpp as an archive: the shared one brings the shared libstdc++ with it, whose symbols cost a start of pier as
# much again as all that pier does.
find_package(yaml-cpp REQUIRED)
find_library(PIER_YAML_CPP_ARCHIVE NAMES libyaml-cpp.a REQUIRED)
get_target_property(yaml_cpp_headers yaml-cpp INTERFACE_INCLUDE_DIRECTORIES)
add_library(pier_yaml_cpp INTERFACE)
target_link_libraries(pier_yaml_cpp INTERFACE ${PIER_YAML_CPP_ARCHIVE})
if(yaml_cpp_headers)
  target_include_directories(pier_yaml_cpp SYSTEM INTERFACE ${yaml_cpp_headers})
endif()

# minizip and zlib as archives, for the few commands that open a wheel: a start of pier need not load them.
find_library(PIER_MINIZIP_ARCHIVE NAMES libminizip.a REQUIRED)
find_library(PIER_ZLIB_ARCHIVE NAMES libz.a REQUIRED)
add_library(pier_minizip INTERFACE)
target_link_libraries(pier_minizip INTERFACE ${PIER_MINIZIP_ARCHIVE} ${PIER_ZLIB_ARCHIVE})

# Boost: headers only (Asio and Beast).
find_package(Boost 1.81 REQUIRED)
add_library(pier_boost INTERFACE)
target_include_directories(pier_boost SYSTEM INTERFACE ${Boost_INCLUDE_DIRS})
target_compile_definitions(pier_boost INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(pier_boost INTERFACE Threads::Threads)

if(PIER_TESTS)
  find_package(doctest REQUIRED)
  include(doctest)
endif()
