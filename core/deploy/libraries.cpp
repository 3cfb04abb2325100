#include "core/deploy/libraries.hpp"

#include "core/base/glob.hpp"
#include "core/base/text.hpp"
#include "core/deploy/field_path.hpp"
#include "core/model/wheel.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace pier::deploy {
namespace {

namespace fs = std::filesystem;

/// One local file at one place of a resource.
struct Place {
  const model::LocalLibrary* library = nullptr;
  FieldPath field;    ///< after patterns became several entries
  std::string source; ///< from the sync root, without extras
  std::string extras; ///< "[dev]"

  [[nodiscard]] std::string path() const { return library->resource.to_string() + "." + field.to_string(); }
};

FieldPath parent_of(const FieldPath& path, std::size_t steps) {
  FieldPath parent;
  for (std::size_t i = 0; i < steps; ++i) {
    const auto& step = path.steps()[i];
    parent = step.kind == FieldPath::Step::Kind::index ? parent.index(step.index) : parent.field(step.name);
  }
  return parent;
}

/// Steps before the index of the entry that a library stands in: its list. Nothing for a field of its own.
std::optional<std::size_t> list_depth(const FieldPath& field) {
  const auto& steps = field.steps();
  for (std::size_t back = 1; back <= 2 && back <= steps.size(); ++back) {
    if (steps[steps.size() - back].kind == FieldPath::Step::Kind::index) {
      return steps.size() - back;
    }
  }
  return std::nullopt;
}

/// Finds the files and tells what is wrong with them.
class Placement {
 public:
  Placement(model::Bundle& bundle, const std::vector<ArtifactOutput>& artifacts, Observer& observer)
      : bundle_(bundle),
        artifacts_(artifacts),
        observer_(observer),
        root_(bundle.sync.sync_root.lexically_normal()) {}

  Result<std::vector<Library>> run() && {
    auto places = find_places();
    PIER_TRY(outcome());
    check_names(places);
    PIER_TRY(outcome());
    take_patched(places);
    return put_remote(places);
  }

 private:
  [[nodiscard]] Json* config_of(const model::LocalLibrary& library) {
    const auto it = bundle_.graph.nodes.find(library.resource);
    return it == bundle_.graph.nodes.end() ? nullptr : &it->second.config;
  }

  void fail(Diagnostic problem) {
    observer_.on_event(Event{.type = Event::Type::problem, .text = problem.summary, .problem = &problem});
    if (!failure_) {
      failure_ = Error{.kind = ErrorKind::not_found,
                       .code = problem.code,
                       .message = problem.summary + (problem.detail.empty() ? "" : ": " + problem.detail),
                       .hint = problem.help};
    }
  }

  [[nodiscard]] Result<void> outcome() const { return failure_ ? Result<void>(*failure_) : Result<void>(); }

  /// The files behind one library, from the sync root.
  std::vector<std::string> files_of(const model::LocalLibrary& library) {
    const auto pattern = model::split_extras(library.source).first;
    std::vector<std::string> files;
    for (const auto& file : model::latest_wheels(glob_files((root_ / pattern).lexically_normal()))) {
      files.push_back(file.lexically_relative(root_).generic_string());
    }
    if (files.empty()) {
      fail({.code = "PIER2050",
            .summary = (has_glob_characters(pattern) ? "no files match pattern: " : "file doesn't exist ") + pattern,
            .help = "build it first, or give the artifact a build command",
            .spans = {library.span},
            .paths = {library.resource.to_string() + "." + library.field}});
    }
    return files;
  }

  /// Every place, patterns replaced by the entries for their files; in the order of the bundle's libraries.
  std::vector<Place> find_places() {
    struct List {
      const model::LocalLibrary* first = nullptr;
      FieldPath field;
      std::map<std::size_t, std::size_t> libraries; ///< index in the list → library
    };

    std::map<std::string, List> lists;
    std::map<std::size_t, std::vector<Place>> found; ///< by library
    for (std::size_t i = 0; i < bundle_.libraries.size(); ++i) {
      const auto& library = bundle_.libraries[i];
      const auto field = FieldPath::parse(library.field);
      if (const auto depth = list_depth(field)) {
        auto& list = lists[library.resource.to_string() + "." + parent_of(field, *depth).to_string()];
        list.first = &library;
        list.field = parent_of(field, *depth);
        list.libraries.emplace(field.steps()[*depth].index, i);
      } else {
        found[i].push_back({&library, field, library.source, {}});
      }
    }
    for (const auto& [ignored, list] : lists) {
      auto* config = config_of(*list.first);
      const auto* items = config == nullptr ? nullptr : list.field.find_in(*config);
      if (items != nullptr && items->is_array()) {
        auto expanded = expand(*items, list.field, list.libraries, found);
        list.field.set_in(*config, std::move(expanded));
      }
    }
    std::vector<Place> places;
    for (auto& [ignored, of_library] : found) {
      std::move(of_library.begin(), of_library.end(), std::back_inserter(places));
    }
    return places;
  }

  Json expand(const Json& items, const FieldPath& list, const std::map<std::size_t, std::size_t>& libraries,
              std::map<std::size_t, std::vector<Place>>& found) {
    auto out = Json::array();
    for (std::size_t i = 0; i < items.as_array().size(); ++i) {
      const auto it = libraries.find(i);
      if (it == libraries.end()) {
        out.push_back(items.as_array()[i]);
        continue;
      }
      const auto& library = bundle_.libraries[it->second];
      const auto extras = model::split_extras(library.source).second;
      const auto sort = FieldPath::parse(library.field).steps().back();
      const bool in_entry = sort.kind == FieldPath::Step::Kind::field; // {whl: …}, not a text
      for (auto& file : files_of(library)) {
        auto field = list.index(out.as_array().size());
        const Json text = file + extras;
        out.push_back(in_entry ? Json::object({{sort.name, text}}) : text);
        found[it->second].push_back({&library, in_entry ? field.field(sort.name) : field, std::move(file), extras});
      }
    }
    return out;
  }

  /// All go into one folder, so that their names must differ.
  void check_names(const std::vector<Place>& places) {
    std::map<std::string, std::vector<const Place*>> by_name;
    for (const auto& place : places) {
      auto& same = by_name[fs::path(place.source + place.extras).filename().string()];
      if (list_depth(place.field) && (same.empty() || full(*same.front()) != full(place))) {
        same.push_back(&place);
      }
    }
    for (const auto& [name, same] : by_name) {
      if (same.size() < 2) {
        continue;
      }
      Diagnostic problem{.code = "PIER2071",
                         .summary = "Duplicate local library names: " + name,
                         .detail = "Local library names must be unique but found libraries with the same name: ",
                         .help = "rename one of the files"};
      for (const auto* place : same) {
        problem.detail += (place == same.front() ? "" : ", ") + full(*place);
        problem.spans.push_back(place->library->span);
        problem.paths.push_back(place->path());
      }
      fail(std::move(problem));
    }
  }

  static std::string full(const Place& place) { return place.source + place.extras; }

  /// Jobs take the wheel with the version of its own.
  void take_patched(std::vector<Place>& places) const {
    std::map<std::string, std::string> patched;
    for (const auto& output : artifacts_) {
      if (!output.patched.empty()) {
        patched.emplace(output.source.lexically_relative(root_).generic_string(),
                        output.patched.lexically_relative(root_).generic_string());
      }
    }
    for (auto& place : places) {
      const auto it = patched.find(place.source);
      if (it != patched.end() && place.library->resource.kind == "jobs" && list_depth(place.field)) {
        place.source = it->second;
      }
    }
  }

  std::vector<Library> put_remote(const std::vector<Place>& places) {
    const auto folder = bundle_.paths.artifact_path + "/.internal/";
    std::set<std::string> sources;
    for (const auto& place : places) {
      const auto source = (root_ / place.source).lexically_normal();
      sources.insert(source.string());
      if (auto* config = config_of(*place.library)) {
        place.field.set_in(*config, folder + source.filename().string() + place.extras);
      }
    }
    for (const auto& output : artifacts_) {
      sources.insert((output.patched.empty() ? output.source : output.patched).string());
    }
    std::vector<Library> libraries;
    for (const auto& source : sources) {
      libraries.push_back({.source = source, .remote = folder + fs::path(source).filename().string()});
    }
    return libraries;
  }

  model::Bundle& bundle_;
  const std::vector<ArtifactOutput>& artifacts_;
  Observer& observer_;
  fs::path root_;
  std::optional<Error> failure_;
};

} // namespace

Result<std::vector<Library>> place_libraries(model::Bundle& bundle, const std::vector<ArtifactOutput>& artifacts,
                                             Observer& observer) {
  return Placement(bundle, artifacts, observer).run();
}

} // namespace pier::deploy
