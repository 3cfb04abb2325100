#include "core/scaffold/renderer.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/scaffold/go_functions.hpp"
#include "core/scaffold/parser.hpp"

#include <algorithm>
#include <deque>
#include <set>
#include <system_error>

namespace pier::scaffold {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view k_suffix = ".tmpl";
constexpr std::string_view k_root = "template";

std::string join_path(std::string_view folder, std::string_view name) {
  return folder.empty() ? std::string(name) : std::string(folder) + "/" + std::string(name);
}

/// A folder of the template with its direct entries, sorted.
struct Folder {
  std::set<std::string> files;
  std::set<std::string> folders;
};

std::map<std::string, Folder, std::less<>> list_folders(const TemplateSource& source) {
  std::map<std::string, Folder, std::less<>> out;
  const auto add_folder = [&](const std::string& path) {
    std::string parent;
    for (const auto& part : split(path, '/')) {
      out[parent].folders.insert(part);
      parent = join_path(parent, part);
    }
    out[parent];
  };
  const std::string prefix = std::string(k_root) + "/";
  for (const auto& [path, file] : source.files) {
    if (path.starts_with(prefix)) {
      const auto relative = path.substr(prefix.size());
      const auto slash = relative.rfind('/');
      const auto folder = slash == std::string::npos ? std::string() : relative.substr(0, slash);
      if (!folder.empty()) {
        add_folder(folder);
      }
      out[folder].files.insert(slash == std::string::npos ? relative : relative.substr(slash + 1));
    }
  }
  for (const auto& path : source.empty_folders) {
    if (path.starts_with(prefix)) {
      add_folder(path.substr(prefix.size()));
    }
  }
  return out;
}

class Renderer {
 public:
  Renderer(const TemplateSource& source, const AnswerValues& answers, const WorkspaceFacts& facts)
      : source_(source),
        folders_(list_folders(source)) {
    add_go_functions(functions_);
    add_helper_functions(functions_, facts);
    functions_["skip"] = [this](std::span<const Value> arguments) { return skip(arguments); };
    Value::Map data;
    for (const auto& [name, value] : answers) {
      data.emplace(name, Value::from_json(value));
    }
    data_ = Value(std::move(data));
  }

  Result<RenderedTree> run() {
    PIER_TRY(read_library());
    std::deque<std::string> queue{""};
    while (!queue.empty()) {
      current_ = std::move(queue.front());
      queue.pop_front();
      PIER_TRY_ASSIGN(const auto output, output_path(current_));
      PIER_TRY_ASSIGN(const bool skipped, is_skipped(output));
      if (skipped) {
        continue;
      }
      if (!output.empty()) {
        folders_made_.push_back(output);
      }
      const auto& folder = folders_[current_];
      for (const auto& name : folder.files) {
        PIER_TRY(render_file(join_path(current_, name)));
      }
      for (const auto& name : folder.folders) {
        queue.push_back(join_path(current_, name));
      }
    }
    return collect();
  }

 private:
  Result<void> read_library() {
    for (const auto& [path, file] : source_.shared_library) {
      PIER_TRY_ASSIGN(auto parsed, parse_template("common/library/" + path, file.content));
      library_.push_back(std::move(parsed));
    }
    for (const auto& [path, file] : source_.files) {
      if (path.starts_with("library/")) {
        PIER_TRY_ASSIGN(auto parsed, parse_template(path, file.content));
        library_.push_back(std::move(parsed));
      }
    }
    return {};
  }

  /// {{skip "glob"}}: relative to the folder of the file that says it.
  Result<Value> skip(std::span<const Value> arguments) {
    if (arguments.size() != 1 || arguments[0].text() == nullptr) {
      return Error{.kind = ErrorKind::invalid_argument, .code = "PIER5002", .message = "\"skip\" needs a pattern"};
    }
    const auto raw = fs::path(join_path(current_, *arguments[0].text())).lexically_normal().generic_string();
    PIER_TRY_ASSIGN(auto pattern, render_name(raw));
    skips_.push_back(std::move(pattern));
    return Value("");
  }

  Result<bool> is_skipped(const std::string& path) const {
    for (const auto& pattern : skips_) {
      PIER_TRY_ASSIGN(const bool matches, glob_matches(pattern, path));
      if (matches) {
        return true;
      }
    }
    return false;
  }

  Result<std::string> render_name(const std::string& name) {
    if (name.find("{{") == std::string::npos) {
      return name;
    }
    PIER_TRY_ASSIGN(const auto parsed, parse_template("path " + name, name));
    return execute_template(parsed, library_, data_, functions_);
  }

  /// The rendered name; it must stay below the output folder.
  Result<std::string> output_path(const std::string& path) {
    PIER_TRY_ASSIGN(const auto name, render_name(path));
    const auto normal = fs::path(name).lexically_normal().generic_string();
    if (name.starts_with('/') || normal == ".." || normal.starts_with("../") || name.find('\0') != std::string::npos) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "PIER5002",
                   .message = "the path " + path + " becomes \"" + name + "\", which leaves the project"};
    }
    return normal == "." ? std::string() : normal;
  }

  Result<void> render_file(const std::string& path) {
    const auto full = join_path(k_root, path);
    const auto& file = source_.files.find(full)->second;
    RenderedFile out{.executable = file.executable};
    if (!path.ends_with(k_suffix)) {
      PIER_TRY_ASSIGN(out.path, output_path(path));
      out.content = file.content;
    } else {
      PIER_TRY_ASSIGN(out.path, output_path(path.substr(0, path.size() - k_suffix.size())));
      PIER_TRY_ASSIGN(const auto parsed, parse_template(full, file.content));
      PIER_TRY_ASSIGN(out.content, execute_template(parsed, library_, data_, functions_));
    }
    files_.push_back(std::move(out));
    return {};
  }

  /// Skips hold for everything, also for what was rendered before they were said.
  Result<RenderedTree> collect() {
    RenderedTree tree;
    for (auto& file : files_) {
      PIER_TRY_ASSIGN(const bool skipped, is_skipped(file.path));
      if (!skipped) {
        tree.files.push_back(std::move(file));
      }
    }
    std::sort(tree.files.begin(), tree.files.end(),
              [](const RenderedFile& a, const RenderedFile& b) { return a.path < b.path; });
    const auto same = std::adjacent_find(tree.files.begin(), tree.files.end(),
                                         [](const auto& a, const auto& b) { return a.path == b.path; });
    if (same != tree.files.end()) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "PIER5002",
                   .message = "two files of the template become " + same->path};
    }
    for (auto& folder : folders_made_) {
      PIER_TRY_ASSIGN(const bool skipped, is_skipped(folder));
      if (!skipped) {
        tree.folders.push_back(std::move(folder));
      }
    }
    return tree;
  }

  const TemplateSource& source_;
  std::map<std::string, Folder, std::less<>> folders_;
  Functions functions_;
  Value data_;
  std::vector<TemplateFile> library_;
  std::string current_; ///< folder of the template that is being rendered
  std::vector<std::string> skips_;
  std::vector<RenderedFile> files_;
  std::vector<std::string> folders_made_;
};

} // namespace

Result<TemplateSchema> schema_of(const TemplateSource& source) {
  const auto found = source.files.find("databricks_template_schema.json");
  if (found == source.files.end()) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER5006",
                 .message = "the template " + source.name + " has no databricks_template_schema.json"};
  }
  return parse_template_schema(found->second.content);
}

Result<RenderedTree> render_tree(const TemplateSource& source, const AnswerValues& answers,
                                 const WorkspaceFacts& facts) {
  return Renderer(source, answers, facts).run();
}

} // namespace pier::scaffold
