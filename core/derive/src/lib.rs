//! `#[derive(Fingerprint)]`: feeds every field, in the order written, to the digest.
//!
//! An enum first feeds the position of its variant, so that reordering variants or fields changes
//! fingerprints, as changing their meaning does.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Fields, parse_macro_input, parse_quote};

/// Implements `glassmq_core::fingerprint::Fingerprint` field by field.
#[proc_macro_derive(Fingerprint)]
pub fn fingerprint(input: TokenStream) -> TokenStream {
    let mut input = parse_macro_input!(input as DeriveInput);
    for parameter in input.generics.type_params_mut() {
        parameter
            .bounds
            .push(parse_quote!(::glassmq_core::fingerprint::Fingerprint));
    }
    let body = match &input.data {
        Data::Struct(data) => {
            let (pattern, feeds) = parts(&data.fields);
            quote! { let Self #pattern = self; #feeds }
        }
        Data::Enum(data) if data.variants.is_empty() => quote! {
            match *self {}
        },
        Data::Enum(data) => {
            let arms = data.variants.iter().enumerate().map(|(at, variant)| {
                let name = &variant.ident;
                let position = at as u64;
                let (pattern, feeds) = parts(&variant.fields);
                quote! { Self::#name #pattern => { to.word(#position); #feeds } }
            });
            quote! { match self { #(#arms)* } }
        }
        Data::Union(_) => {
            return syn::Error::new_spanned(&input.ident, "a union has no fingerprint")
                .into_compile_error()
                .into();
        }
    };
    let name = &input.ident;
    let (implemented, ty, bounds) = input.generics.split_for_impl();
    quote! {
        impl #implemented ::glassmq_core::fingerprint::Fingerprint for #name #ty #bounds {
            fn fingerprint(&self, to: &mut ::glassmq_core::fingerprint::Digest) {
                #body
            }
        }
    }
    .into()
}

/// A pattern that binds every field, and the statements that feed them.
fn parts(fields: &Fields) -> (Tokens, Tokens) {
    let bound: Vec<_> = (0..fields.len()).map(|n| format_ident!("f{n}")).collect();
    let pattern = match fields {
        Fields::Named(named) => {
            let names = named.named.iter().map(|field| &field.ident);
            quote! { { #(#names: #bound),* } }
        }
        Fields::Unnamed(_) => quote! { ( #(#bound),* ) },
        Fields::Unit => quote! {},
    };
    let feeds = quote! { #(::glassmq_core::fingerprint::Fingerprint::fingerprint(#bound, to);)* };
    (pattern, feeds)
}
