#include "core/files/multipart.hpp"

#include "core/base/text.hpp"

namespace pier::files {
namespace {

constexpr std::size_t k_max_parts = 100;
constexpr std::size_t k_max_boundary = 200;
constexpr std::string_view k_line_end = "\r\n";

Error malformed(std::string_view why) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "MALFORMED_REQUEST",
               .message = "the form cannot be read: " + std::string(why)};
}

/// The value of `key="value"` or `key=value` in a header; empty when absent.
std::string parameter(std::string_view header, std::string_view key) {
  for (auto rest = header; !rest.empty();) {
    const auto end = std::min(rest.find(';'), rest.size());
    const auto item = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto equals = item.find('=');
    if (equals == std::string_view::npos || !equals_ignore_case(trim(item.substr(0, equals)), key)) {
      continue;
    }
    auto value = trim(item.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return std::string(value);
  }
  return {};
}

Result<FormPart> parse_part(std::string_view text) {
  FormPart part;
  while (true) {
    const auto end = text.find(k_line_end);
    if (end == std::string_view::npos) {
      return malformed("a part has no empty line after its headers");
    }
    const auto line = text.substr(0, end);
    text.remove_prefix(end + k_line_end.size());
    if (line.empty()) {
      break;
    }
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && equals_ignore_case(trim(line.substr(0, colon)), "Content-Disposition")) {
      part.name = parameter(line.substr(colon + 1), "name");
      part.file_name = parameter(line.substr(colon + 1), "filename");
    }
  }
  part.content = text;
  return part;
}

} // namespace

Result<std::vector<FormPart>> parse_multipart(std::string_view content_type, std::string_view body) {
  const auto boundary = parameter(content_type, "boundary");
  if (boundary.empty() || boundary.size() > k_max_boundary) {
    return malformed("the Content-Type names no boundary");
  }
  const auto delimiter = "--" + boundary;
  const auto separator = std::string(k_line_end) + delimiter;
  if (!body.starts_with(delimiter)) {
    return malformed("it does not begin with its boundary");
  }
  body.remove_prefix(delimiter.size());
  std::vector<FormPart> parts;
  while (!body.starts_with("--")) {
    if (!body.starts_with(k_line_end) || parts.size() >= k_max_parts) {
      return malformed("a boundary is not followed by a part");
    }
    body.remove_prefix(k_line_end.size());
    const auto end = body.find(separator);
    if (end == std::string_view::npos) {
      return malformed("the last part is not closed");
    }
    PIER_TRY_ASSIGN(auto part, parse_part(body.substr(0, end)));
    parts.push_back(std::move(part));
    body.remove_prefix(end + separator.size());
  }
  return parts;
}

} // namespace pier::files
