//! Which clock a span's times were read from: one per host.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use spanwalk_model::Resource;
use spanwalk_model::trace::Trace;

/// What names a host in a resource, the most exact first. Containers of one machine share its
/// clock; where only the container is named, it stands for the machine.
const HOST_KEYS: [&str; 7] = [
    "host.id",
    "host.name",
    "k8s.node.name",
    "k8s.pod.uid",
    "k8s.pod.name",
    "container.id",
    "service.instance.id",
];

/// The host that a resource runs on: what names it, else its service.
pub fn host_of(resource: &Resource) -> &str {
    HOST_KEYS
        .iter()
        .find_map(|key| resource.attributes.get_str(key))
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| resource.service_name())
}

/// The hosts of a trace's spans, as symbols.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hosts {
    of_span: Vec<u32>,
    names: Vec<String>,
}

impl Hosts {
    /// The host of every span.
    pub(crate) fn of(trace: &Trace) -> Self {
        let mut hosts = Self {
            of_span: Vec::with_capacity(trace.spans().len()),
            names: Vec::new(),
        };
        let mut by_name: HashMap<&str, u32, RandomState> = HashMap::default();
        // Spans of one batch share the resource's address, and neighbours often share a batch.
        let mut by_address: HashMap<*const Resource, u32, RandomState> = HashMap::default();
        for span in trace.spans() {
            let symbol = *by_address
                .entry(Arc::as_ptr(&span.resource))
                .or_insert_with(|| {
                    let name = host_of(&span.resource);
                    *by_name.entry(name).or_insert_with(|| {
                        hosts.names.push(name.to_owned());
                        u32::try_from(hosts.names.len() - 1).unwrap_or(u32::MAX)
                    })
                });
            hosts.of_span.push(symbol);
        }
        hosts
    }

    /// The symbol of a span's host.
    pub(crate) fn symbol(&self, span: u32) -> u32 {
        self.of_span.get(span as usize).copied().unwrap_or(u32::MAX)
    }

    /// Whether two spans read the same clock.
    pub(crate) fn same(&self, a: u32, b: u32) -> bool {
        self.symbol(a) == self.symbol(b)
    }

    /// The name of a span's host; empty for no span.
    pub(crate) fn name(&self, span: u32) -> &str {
        self.names
            .get(self.symbol(span) as usize)
            .map_or("", String::as_str)
    }
}
