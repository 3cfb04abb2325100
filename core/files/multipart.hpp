#pragma once

#include "core/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pier::files {

/// One part of a form; `content` points into the parsed body.
struct FormPart {
  std::string name;
  std::string file_name;
  std::string_view content;
};

/// multipart/form-data (RFC 7578), as the SDKs upload files. At most 100 parts. Error MALFORMED_REQUEST.
Result<std::vector<FormPart>> parse_multipart(std::string_view content_type, std::string_view body);

} // namespace pier::files
