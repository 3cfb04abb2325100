#pragma once

#include <span>
#include <string_view>

namespace pier::scaffold {

/// A file of templates/ as the build put it into the program (embed_templates.cmake).
struct EmbeddedFile {
  std::string_view path; ///< "fullstack/template/…"
  std::string_view content;
};

std::span<const EmbeddedFile> embedded_files();

} // namespace pier::scaffold
