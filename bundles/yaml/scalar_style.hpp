#pragma once

#include <string>
#include <string_view>

namespace pier::bundles {

enum class ScalarStyle { plain, single_quoted, double_quoted, literal };

/// The style in which a text can be written, nearest to the wanted one. A key has to stay on its line.
ScalarStyle fitting_style(std::string_view text, ScalarStyle wanted, bool is_key);

bool has_line_break(std::string_view text);

/// "true", "", "12", "0x1f", "1e3": read back without quotes it would be no text.
bool looks_like_value(std::string_view text);

std::string single_quoted(std::string_view text);
std::string double_quoted(std::string_view text);

} // namespace pier::bundles
