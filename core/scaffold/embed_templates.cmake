# Writes the files of templates/ as C++ arrays: cmake -D ROOT=… -D FILES=a;b -D OUTPUT=… -P embed_templates.cmake
# FILES is a text file with one path (relative to ROOT) a line.
file(STRINGS "${FILES}" paths)
set(arrays "")
set(table "")
set(index 0)
foreach(path IN LISTS paths)
  file(READ "${ROOT}/${path}" hex HEX)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${hex}")
  string(APPEND arrays "constexpr char f${index}[] = {${bytes}'\\0'};\n")
  string(APPEND table "    {R\"=(${path})=\", {static_cast<const char*>(f${index}), sizeof f${index} - 1}},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE "${OUTPUT}" "// Made by embed_templates.cmake.
#include \"core/scaffold/embedded_templates.hpp\"

#include <array>

namespace pier::scaffold {
namespace {
${arrays}
constexpr std::array<EmbeddedFile, ${index}> k_files{{
${table}}};
} // namespace

std::span<const EmbeddedFile> embedded_files() {
  return k_files;
}
} // namespace pier::scaffold
")
