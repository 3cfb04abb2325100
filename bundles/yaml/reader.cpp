#include "bundles/yaml/reader.hpp"

#include "bundles/yaml/tree_builder.hpp"
#include "core/base/encoding.hpp"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <streambuf>

namespace pier::bundles {
namespace {

/// Lets yaml-cpp read a text without a copy of it.
class TextBuffer final : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

Position at(const YAML::Mark& mark) {
  return {static_cast<std::size_t>(mark.pos < 0 ? 0 : mark.pos), static_cast<std::uint32_t>(mark.line + 1)};
}

/// Passes yaml-cpp's events on; the only code that sees its types.
class Events final : public YAML::EventHandler {
 public:
  explicit Events(TreeBuilder& builder)
      : builder_(builder) {}

  void OnDocumentStart(const YAML::Mark&) override {}

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { builder_.null(at(mark), anchor); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { builder_.alias(at(mark), anchor); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    builder_.scalar(at(mark), tag, anchor, value);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    builder_.open(at(mark), anchor, true);
  }

  void OnSequenceEnd() override { builder_.close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    builder_.open(at(mark), anchor, false);
  }

  void OnMapEnd() override { builder_.close(); }

  void OnAnchor(const YAML::Mark&, const std::string& name) override { builder_.name_anchor(name); }

 private:
  TreeBuilder& builder_;
};

bool refuse(Diagnostics& diagnostics, const std::string* file, std::string summary, std::string help) {
  diagnostics.error("PIER1003", std::move(summary), {SourceSpan{*file}}, std::move(help));
  return false;
}

SourceSpan place_of_byte(std::string_view text, std::size_t offset, const std::string* file) {
  return SourceText(text, file).place({offset, 0}).to_span();
}

/// Offset of the first line that is not UTF-8.
std::size_t first_bad_line(std::string_view text) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = std::min(text.find('\n', begin), text.size());
    if (!is_valid_utf8(text.substr(begin, end - begin))) {
      return begin;
    }
    begin = end + 1;
  }
  return 0;
}

bool check_bytes(std::string_view text, const std::string* file, Diagnostics& diagnostics) {
  if (text.size() > k_max_yaml_bytes) {
    return refuse(diagnostics, file, "the file is larger than 64 MiB", "split it into several files under 'include'");
  }
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    diagnostics.error("PIER1003", "the file holds a NUL byte, so it is no text", {place_of_byte(text, nul, file)},
                      "save it as UTF-8 text");
    return false;
  }
  if (!is_valid_utf8(text)) {
    diagnostics.error("PIER1003", "the file is not valid UTF-8", {place_of_byte(text, first_bad_line(text), file)},
                      "save it as UTF-8 text");
    return false;
  }
  return true;
}

/// yaml-cpp's wording, as a sentence about the file.
std::string syntax_summary(const YAML::Exception& problem) {
  std::string message = problem.msg;
  if (message.empty()) {
    message = "not valid YAML";
  }
  return "YAML syntax: " + message;
}

} // namespace

std::optional<Value> read_yaml(std::string_view text, const std::string* file, Diagnostics& diagnostics) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") {
    text.remove_prefix(3);
  }
  if (!check_bytes(text, file, diagnostics)) {
    return std::nullopt;
  }
  const SourceText source(text, file);
  if (text.starts_with("%YAML ") && !text.starts_with("%YAML 1.1")) {
    diagnostics.error("PIER1004", "YAML syntax: found incompatible YAML document", {source.place({0, 0}).to_span()},
                      "Databricks reads YAML 1.1; remove the directive");
    return std::nullopt;
  }
  TreeBuilder builder(source, diagnostics);
  try {
    TextBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    Events events(builder);
    parser.HandleNextDocument(events);
  } catch (const StopReading&) {
    return std::nullopt;
  } catch (const YAML::DeepRecursion& problem) {
    diagnostics.error("PIER1008", "YAML is nested too deeply", {source.place(at(problem.mark)).to_span()},
                      "at most " + std::to_string(k_max_yaml_depth) + " levels are read");
    return std::nullopt;
  } catch (const YAML::Exception& problem) {
    diagnostics.error("PIER1004", syntax_summary(problem), {source.place(at(problem.mark)).to_span()},
                      "check indentation, quotes and brackets around this place");
    return std::nullopt;
  }
  return builder.take();
}

} // namespace pier::bundles
