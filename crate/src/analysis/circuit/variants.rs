//! The runs of each example: of the model M or of the circuit C, without some of the circuit's nodes.

use super::members::Members;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// M: all heads.
    Model,
    /// C: only the circuit's nodes.
    Circuit,
}

pub struct Variant {
    pub of: Base,
    /// Members by their numbers, upwards.
    pub without: Vec<usize>,
    pub name: String,
}

/// Each once; a column of what is measured for each.
pub struct Variants(Vec<Variant>);

impl Variants {
    /// `examine`: not only M, C and what is left without any head.
    pub fn new(members: &Members, examine: bool) -> Self {
        let mut variants = Self(Vec::new());
        let count = members.all().len();
        let all = || (0..count).collect::<Vec<_>>();
        variants.add(Base::Model, vec![], "full".into());
        variants.add(Base::Circuit, vec![], "circuit".into());
        variants.add(Base::Circuit, all(), "empty".into());
        if !examine {
            return variants;
        }
        variants.add(Base::Model, all(), "complement".into());
        let nodes = all().into_iter().map(|i| (members.all()[i].node.to_string(), vec![i]));
        let classes = members.classes();
        let named = classes.iter().map(|(class, of_class)| (format!("the {class} heads"), of_class.clone()));
        for (name, without) in nodes.chain(named) {
            variants.add(Base::Circuit, without.clone(), format!("circuit without {name}"));
            variants.add(Base::Model, without, format!("full without {name}"));
        }
        for (class, of_class) in &classes {
            for &member in of_class {
                let name = format!("circuit with only {} of the {class} heads", members.all()[member].node);
                variants.add(Base::Circuit, others(of_class, member), name);
            }
        }
        variants
    }

    fn add(&mut self, of: Base, without: Vec<usize>, name: String) {
        if self.find(of, &without).is_none() {
            self.0.push(Variant { of, without, name });
        }
    }

    fn find(&self, of: Base, without: &[usize]) -> Option<usize> {
        self.0.iter().position(|variant| variant.of == of && variant.without == without)
    }

    /// The number of one that there is.
    pub fn column(&self, of: Base, without: &[usize]) -> usize {
        self.find(of, without).expect("it is one of them")
    }

    pub fn all(&self) -> &[Variant] {
        &self.0
    }
}

/// A class without one of its members.
pub fn others(of_class: &[usize], member: usize) -> Vec<usize> {
    of_class.iter().copied().filter(|&other| other != member).collect()
}
