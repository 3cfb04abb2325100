# Compiler flags of the whole tree, as interface targets: pier_flags (language, sanitizers) and
# pier_warnings (each room's own code; third-party headers come in as SYSTEM).

find_program(PIER_CCACHE ccache)
if(PIER_CCACHE)
  # Relative paths in the hash: checkouts in different folders share the cache.
  set(launcher "${CMAKE_COMMAND};-E;env;CCACHE_BASEDIR=${CMAKE_SOURCE_DIR};CCACHE_NOHASHDIR=1;${PIER_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${launcher}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${launcher}")
endif()

add_library(pier_flags INTERFACE)
target_include_directories(pier_flags INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_definitions(pier_flags INTERFACE
  SPDLOG_FMT_EXTERNAL
  $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
# By clang: GCC 12 needs minutes for a single source that uses Beast.
if(PIER_SANITIZE)
  target_compile_options(pier_flags INTERFACE "-fsanitize=${PIER_SANITIZE}" -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(pier_flags INTERFACE "-fsanitize=${PIER_SANITIZE}")
endif()
if(PIER_FUZZ)
  target_compile_options(pier_flags INTERFACE -fsanitize=fuzzer-no-link) # so that the fuzzer sees what its input reaches
  target_link_options(pier_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(PIER_COVERAGE)
  target_compile_options(pier_flags INTERFACE --coverage)
  target_link_options(pier_flags INTERFACE --coverage)
endif()

add_library(pier_warnings INTERFACE)
target_compile_options(pier_warnings INTERFACE
  -Wall -Wextra -Wpedantic
  -Wshadow                # a name that hides another
  -Wconversion -Wsign-conversion -Wdouble-promotion
  -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-align -Wformat=2 -Wimplicit-fallthrough
  -Wno-missing-field-initializers  # designated initialisers leave members to their defaults
  $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-branches>
  $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
  # GCC 12 takes the untaken alternatives of a moved std::variant for uninitialised reads when it optimises.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<CONFIG:Debug>>>:-Wno-maybe-uninitialized>
  # libstdc++ 12's own stable_sort calls what it calls deprecated.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
  $<$<BOOL:${PIER_WERROR}>:-Werror>)

# Backtraces need line tables, not every local variable: half the link time of -g.
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# A small program starts fast: what nothing calls is left out, and the relocations of constant tables are packed
# (by binutils 2.38, for glibc 2.36), which saves the loader 300 KiB of reading.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  include(CheckCXXSourceCompiles)
  include(CheckLinkerFlag)
  add_compile_options(-ffunction-sections -fdata-sections)
  add_link_options(-Wl,--gc-sections)
  check_linker_flag(CXX -Wl,-z,pack-relative-relocs PIER_LINKER_PACKS_RELOCATIONS)
  check_cxx_source_compiles("#include <cstdlib>
    #if !__GLIBC_PREREQ(2, 36)
    #error too old
    #endif
    int main() {}" PIER_LOADER_KNOWS_PACKED_RELOCATIONS)
  if(PIER_LINKER_PACKS_RELOCATIONS AND PIER_LOADER_KNOWS_PACKED_RELOCATIONS)
    add_link_options(-Wl,-z,pack-relative-relocs)
  endif()
endif()
