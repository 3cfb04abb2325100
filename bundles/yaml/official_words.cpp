#include "bundles/yaml/official_words.hpp"

#include <algorithm>
#include <array>

namespace pier::bundles {
namespace {

constexpr std::string_view k_ours = "YAML syntax: ";

/// How far the line that libyaml tells is from that of the place (1-based): its scanner tells the line, its parser
/// the one before.
enum class Part { scanner, parser };

struct Words {
  std::string_view ours;
  std::string_view theirs;
  Part part;
};

constexpr std::array k_words = {
    Words{"illegal map value", "mapping values are not allowed in this context", Part::scanner},
    Words{"illegal map key", "mapping keys are not allowed in this context", Part::scanner},
    Words{"illegal block entry", "block sequence entries are not allowed in this context", Part::scanner},
    Words{"unknown escape character", "found unknown escape character", Part::scanner},
    Words{"unknown token", "found character that cannot start any token", Part::scanner},
    Words{"illegal tab", "found character that cannot start any token", Part::scanner},
    Words{"illegal EOF in scalar", "found unexpected end of stream", Part::scanner},
    Words{"found incompatible YAML document", "found incompatible YAML document", Part::parser},
    Words{"illegal document indicator", "found unexpected document indicator", Part::scanner},
    Words{"end of map flow not found", "did not find expected ',' or '}'", Part::parser},
    Words{"end of sequence flow not found", "did not find expected ',' or ']'", Part::parser},
    Words{"end of map not found", "did not find expected key", Part::parser},
    Words{"end of sequence not found", "did not find expected '-' indicator", Part::parser},
};

/// Number counts from 1.
std::string_view line_of(std::string_view text, std::uint32_t number) {
  for (std::uint32_t i = 1; i < number; ++i) {
    const auto end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return text.substr(0, text.find('\n'));
}

/// True if nothing but "[" or "," stands before a place.
bool ends_open(std::string_view text, const SourceSpan& place) {
  const auto line = line_of(text, place.line);
  const auto begin = static_cast<std::size_t>(line.data() - text.data());
  const auto before = text.substr(0, begin + place.column - 1);
  const auto last = before.find_last_not_of(" \t\r\n");
  return last != std::string_view::npos && (before[last] == '[' || before[last] == ',');
}

std::string alias_name(std::string_view line, std::uint32_t column) {
  const auto begin = line.find('*', column - 1);
  if (begin == std::string_view::npos) {
    return {};
  }
  line.remove_prefix(begin + 1);
  return std::string(line.substr(0, line.find_first_of(" ,]}\r")));
}

std::string syntax_words(std::string_view ours, const SourceSpan& place, std::string_view text) {
  if (ours.starts_with("the referenced anchor is not defined")) {
    return "yaml: unknown anchor '" + alias_name(line_of(text, place.line), place.column) + "' referenced";
  }
  std::string_view words = ours;
  auto line = place.line;
  for (const auto& entry : k_words) {
    if (ours.starts_with(entry.ours)) {
      words = entry.theirs;
      line -= entry.part == Part::parser || line == 1 ? 1 : 0; // neither tells the first line
    }
  }
  if (ours.starts_with("end of sequence flow") && ends_open(text, place)) {
    words = "did not find expected node content";
  }
  if (line_of(text, place.line).starts_with('\t')) {
    words = "found character that cannot start any token";
  }
  return "yaml: " + (line > 0 ? "line " + std::to_string(line) + ": " : std::string()) + std::string(words);
}

} // namespace

Diagnostic in_official_words(Diagnostic problem, const std::string& absolute, std::string_view text) {
  if (problem.spans.empty() || problem.summary.starts_with("duplicate YAML merge key")) {
    return problem;
  }
  const auto place = problem.related.empty() ? problem.spans.front() : problem.related.front().span;
  problem.related.clear();
  const bool syntax = problem.summary.starts_with(k_ours);
  const auto why = syntax ? syntax_words(std::string_view(problem.summary).substr(k_ours.size()), place, text)
                          : "yaml (" + absolute + ":" + std::to_string(place.line) + ":" +
                                std::to_string(place.column) + "): " + problem.summary;
  problem.summary = "failed to load " + absolute + ": " + why;
  problem.spans.clear();
  return problem;
}

} // namespace pier::bundles
