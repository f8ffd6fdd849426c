// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHalo2Verifier} from "./interfaces/IHalo2Verifier.sol";
import {Model, ModelShape} from "./Model.sol";
import {Statement} from "./Statement.sol";

/// @title The check of one proof
/// @notice Asks the pinned verifier about the statement that follows from the bytes, for this chain and the calling collection.
library Proof {
    using ModelShape for Model;

    /// @notice The verifier ran out of gas, so the proof is neither valid nor invalid.
    error InsufficientGas();

    /// @notice Why the bytes are no statement of this model; `None` when they are one.
    function check(Model memory model, bytes calldata prompt, bytes calldata aigcData, bytes calldata proof)
        internal
        pure
        returns (Statement.Fault)
    {
        // An envelope without proof bytes proves nothing; the exact proof length is the verifier's business.
        if (proof.length <= Statement.CREATOR_BYTES) return Statement.Fault.ProofLength;
        return Statement.check(prompt, aigcData, model.latentLength, model.dataLength(), model.kind);
    }

    /// @notice Whether the proof in the envelope is valid. `check` must have passed.
    /// @dev False unless the pinned verifier answers with exactly one word that is 1.
    function isValid(Model memory model, bytes calldata prompt, bytes calldata aigcData, bytes calldata proof)
        internal
        view
        returns (bool)
    {
        if (model.vk.codehash != model.vkCodeHash || model.verifier.codehash != model.verifierCodeHash) return false;
        (address creator, bytes calldata halo2Proof) = Statement.open(proof);
        uint256[] memory instances = Statement.instances(prompt, aigcData, block.chainid, address(this), creator);
        bytes memory request = abi.encodeCall(IHalo2Verifier.verifyProof, (model.vk, halo2Proof, instances));
        return _answersOne(model.verifier, request);
    }

    function _answersOne(address target, bytes memory request) private view returns (bool) {
        uint256 gasBefore = gasleft();
        bool answered;
        uint256 answer;
        // Memory safe: the answer is read into the scratch space 0x00..0x1f; `request` is only read. A target that answers with
        // more or less than one word has not answered, which covers a target without code.
        assembly ("memory-safe") {
            answered := staticcall(gas(), target, add(request, 0x20), mload(request), 0x00, 0x20)
            if and(answered, eq(returndatasize(), 0x20)) { answer := mload(0x00) }
        }
        // A call gets at most 63/64 of the gas; when no more than that last part is left after a failure, the failure was a lack
        // of gas and says nothing about the proof.
        if (!answered && gasleft() <= gasBefore / 63) revert InsufficientGas();
        return answered && answer == 1;
    }
}
