#include "bundles/steps/path_sites.hpp"

#include "bundles/config/path.hpp"
#include "bundles/steps/libraries.hpp"

#include <array>

namespace pier::bundles {
namespace {

constexpr std::array k_fields = {
    PathField{"resources.jobs", "tasks[*].notebook_task.notebook_path", PathMode::notebook},
    PathField{"resources.jobs", "tasks[*].spark_python_task.python_file", PathMode::file},
    PathField{"resources.jobs", "tasks[*].dbt_task.project_directory", PathMode::folder},
    PathField{"resources.jobs", "tasks[*].sql_task.file.path", PathMode::file},
    PathField{"resources.jobs", "tasks[*].alert_task.workspace_path", PathMode::file},
    PathField{"resources.jobs", "tasks[*].libraries[*].requirements", PathMode::file},
    PathField{"resources.jobs", "tasks[*].ai_runtime_task.deployments[*].command_path", PathMode::file},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.notebook_task.notebook_path", PathMode::notebook},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.spark_python_task.python_file", PathMode::file},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.dbt_task.project_directory", PathMode::folder},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.sql_task.file.path", PathMode::file},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.alert_task.workspace_path", PathMode::file},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.libraries[*].requirements", PathMode::file},
    PathField{"resources.jobs", "tasks[*].libraries[*].whl", PathMode::local},
    PathField{"resources.jobs", "tasks[*].libraries[*].jar", PathMode::local},
    PathField{"resources.jobs", "environments[*].spec.dependencies[*]", PathMode::local_dotted},
    PathField{"resources.jobs", "environments[*].spec.dependencies[*]", PathMode::pip_flag},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.libraries[*].whl", PathMode::local},
    PathField{"resources.jobs", "tasks[*].for_each_task.task.libraries[*].jar", PathMode::local},
    PathField{"resources.pipelines", "libraries[*].notebook.path", PathMode::notebook},
    PathField{"resources.pipelines", "libraries[*].file.path", PathMode::file},
    PathField{"resources.pipelines", "libraries[*].glob.include", PathMode::glob},
    PathField{"resources.pipelines", "root_path", PathMode::folder},
    PathField{"resources.pipelines", "environment.dependencies[*]", PathMode::local_dotted},
    PathField{"resources.pipelines", "environment.dependencies[*]", PathMode::pip_flag},
    PathField{"artifacts", "path", PathMode::local_folder},
    PathField{"resources.apps", "source_code_path", PathMode::folder},
    PathField{"resources.alerts", "file_path", PathMode::local},
    PathField{"resources.dashboards", "file_path", PathMode::local},
    PathField{"resources.genie_spaces", "file_path", PathMode::local},
};

bool concerns(const PathField& field, const std::string& text) {
  if (field.mode == PathMode::local_dotted) {
    return is_local_library(text);
  }
  return field.mode != PathMode::pip_flag || local_pip_flag(text).has_value();
}

void find_in_owner(std::string_view section, Mapping::Entry& owner, std::vector<FieldSites>& found) {
  const Value* git_source = owner.value.find("git_source");
  if (section == "resources.jobs" && git_source != nullptr && !git_source->is_nil()) {
    return;
  }
  for (std::size_t i = 0; i < k_fields.size(); ++i) {
    const auto& field = k_fields[i];
    if (field.section != section) {
      continue;
    }
    const auto add = [&](Value& value, const PathNode&) {
      if (value.is_text()) {
        found[i].sites.push_back({field, owner, value});
      }
    };
    const auto note_misfit = [&](const Value& value, const PathNode& path) {
      if (!found[i].misfit) {
        found[i].misfit = Misfit{std::string(section) + "." + path.to_string(), &value};
      }
    };
    for_each_match(owner.value, field.pattern, add, PathNode{nullptr, owner.key, 0, false}, note_misfit);
  }
}

} // namespace

std::string path_of(const Site& site) {
  std::string text = std::string(site.field.section) + ".";
  const auto note = [&](Value& value, const PathNode& path) {
    if (&value == &site.value) {
      text += path.to_string();
    }
  };
  for_each_match(site.owner.value, site.field.pattern, note, PathNode{nullptr, site.owner.key, 0, false});
  return text;
}

std::vector<FieldSites> find_path_sites(Loading& loading) {
  std::vector<FieldSites> found(k_fields.size()); // filled in one walk through the resources: there can be many
  std::string_view done;
  for (const auto& field : k_fields) {
    if (field.section == done) {
      continue;
    }
    done = field.section;
    const auto dot = done.find('.');
    Value* section = loading.config.find(done.substr(0, dot));
    if (section != nullptr && dot != std::string_view::npos) {
      section = section->find(done.substr(dot + 1));
    }
    if (section != nullptr && section->is_map()) {
      for (auto& owner : section->as_map().entries()) {
        find_in_owner(done, owner, found);
      }
    }
  }
  return found;
}

void for_each_site(const std::vector<FieldSites>& found, const std::function<void(const Site&)>& visit) {
  for (const auto& field : found) {
    for (const auto& site : field.sites) {
      if (concerns(site.field, site.value.as_text())) {
        visit(site);
      }
    }
  }
}

} // namespace pier::bundles
